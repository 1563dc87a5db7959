"""The fields that each kind of entity can be searched by, and their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mlyard.core.errors import InvalidParameter
from mlyard.domain.registered_models import TAG_IS_PROMPT
from mlyard.search.ast import Comparison, Kind

_PREFIXES: Mapping[str, Kind] = {
    "metric": "metric",
    "metrics": "metric",
    "param": "param",
    "params": "param",
    "parameter": "param",
    "parameters": "param",
    "tag": "tag",
    "tags": "tag",
    "attr": "attribute",
    "attribute": "attribute",
    "attributes": "attribute",
    "run": "attribute",
    "dataset": "dataset",
    "datasets": "dataset",
}
LABELS: Mapping[Kind, str] = {
    "metric": "metric",
    "param": "parameter",
    "tag": "tag",
    "dataset": "dataset",
    "attribute": "attribute",
}
_DATASET_KEYS = ("name", "digest", "context")


@dataclass(frozen=True)
class Fields:
    """The fields of one kind of entity.

    ``text`` and ``numeric`` are names of attributes, ``aliases`` maps other names to them, ``kinds`` are the
    prefixes that can be used. ``implied`` is also required by filters that do not compare its key themselves.
    ``null_safe`` are kinds and keys for which != is also true if the entity has no such value.
    """

    entity: str
    text: frozenset[str]
    numeric: frozenset[str]
    kinds: frozenset[Kind]
    aliases: Mapping[str, str] = field(default_factory=dict)
    implied: Comparison | None = None
    null_safe: frozenset[tuple[Kind, str]] = frozenset()

    def resolve(self, name: str) -> tuple[Kind, str]:
        """The kind and key of a dotted name. Raises InvalidParameter."""
        prefix, dot, key = name.partition(".")
        if not dot:
            return "attribute", self.attribute(name)
        kind = _PREFIXES.get(prefix.lower())
        if kind is None or kind not in self.kinds | {"attribute"}:
            valid = [label for k, label in LABELS.items() if k in self.kinds | {"attribute"}]
            raise InvalidParameter(f"Invalid entity type '{prefix}'. Valid values are {valid}")
        if not key:
            raise InvalidParameter(f"Invalid filter: '{name}' has no key after the dot.")
        if kind == "dataset" and key not in _DATASET_KEYS:
            raise InvalidParameter(f"Invalid dataset key '{key}' specified. Valid keys are {list(_DATASET_KEYS)}")
        return kind, self.attribute(key) if kind == "attribute" else key

    def attribute(self, name: str) -> str:
        """The canonical name of an attribute. Raises InvalidParameter."""
        plain = self.aliases.get(name.lower(), name.lower())
        if plain not in self.text | self.numeric:
            valid = sorted(self.text | self.numeric)
            raise InvalidParameter(
                f"Invalid attribute key '{name}' specified for {self.entity}. Valid keys are {valid}"
            )
        return plain

    def is_numeric(self, kind: Kind, key: str) -> bool:
        """Whether values of this field are numbers."""
        return kind == "metric" or (kind == "attribute" and key in self.numeric)


def _fields(entity: str, text: str, numeric: str, kinds: str, **aliases: str) -> Fields:
    allowed: frozenset[Kind] = frozenset(kind for kind in LABELS if kind in kinds.split())
    return Fields(entity, frozenset(text.split()), frozenset(numeric.split()), allowed, aliases)


RUNS = _fields(
    "runs",
    "run_id run_name user_id status artifact_uri",
    "start_time end_time",
    "metric param tag dataset",
    run_uuid="run_id",
    name="run_name",
    created="start_time",
    user="user_id",
    **{"run name": "run_name", "start time": "start_time", "end time": "end_time"},
)
EXPERIMENTS = _fields("experiments", "name experiment_id", "creation_time last_update_time", "tag")
# MLflow's clients keep prompts among the registered models. Who searches for models does not want them.
_NO_PROMPTS = Comparison("tag", TAG_IS_PROMPT, "!=", "true")
_IS_PROMPT: frozenset[tuple[Kind, str]] = frozenset({("tag", TAG_IS_PROMPT)})
REGISTERED_MODELS = replace(
    _fields(
        "registered models",
        "name",
        "creation_timestamp last_updated_timestamp",
        "tag",
        timestamp="last_updated_timestamp",
    ),
    implied=_NO_PROMPTS,
    null_safe=_IS_PROMPT,
)
MODEL_VERSIONS = replace(
    _fields(
        "model versions",
        "name run_id source current_stage",
        "version_number creation_timestamp last_updated_timestamp",
        "tag",
        source_path="source",
        version="version_number",
        timestamp="last_updated_timestamp",
    ),
    implied=_NO_PROMPTS,
    null_safe=_IS_PROMPT,
)
LOGGED_MODELS = replace(
    _fields(
        "logged models",
        "name model_id model_type status source_run_id experiment_id",
        "creation_timestamp last_updated_timestamp",
        "metric param tag",
        creation_time="creation_timestamp",
        creation_timestamp_ms="creation_timestamp",
        last_updated_timestamp_ms="last_updated_timestamp",
    ),
    null_safe=frozenset({("attribute", "source_run_id")}),  # a model without a run is of no other run either
)
