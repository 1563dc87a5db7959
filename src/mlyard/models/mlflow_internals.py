"""Names that libraries import from MLflow's inner modules: tags, limits, the version, the tags of a new run.

Lightning, transformers, kedro-mlflow and others do. Only names that they use are here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from mlyard.client.context import context_tags
from mlyard.core.version import MLFLOW_VERSION as VERSION
from mlyard.domain.limits import MAX_BATCH as MAX_ENTITIES_PER_BATCH
from mlyard.domain.limits import MAX_BATCH_METRICS as MAX_METRICS_PER_BATCH
from mlyard.domain.limits import MAX_BATCH_PARAMS as MAX_PARAMS_TAGS_PER_BATCH
from mlyard.domain.limits import MAX_KEY as MAX_ENTITY_KEY_LENGTH
from mlyard.domain.limits import MAX_PARAM_VALUE as MAX_PARAM_VAL_LENGTH
from mlyard.domain.limits import MAX_TAG_VALUE as MAX_TAG_VAL_LENGTH
from mlyard.domain.runs import TAG_GIT_COMMIT as MLFLOW_GIT_COMMIT
from mlyard.domain.runs import TAG_PARENT_RUN_ID as MLFLOW_PARENT_RUN_ID
from mlyard.domain.runs import TAG_RUN_NAME as MLFLOW_RUN_NAME
from mlyard.domain.runs import TAG_SOURCE_NAME as MLFLOW_SOURCE_NAME
from mlyard.domain.runs import TAG_SOURCE_TYPE as MLFLOW_SOURCE_TYPE
from mlyard.domain.runs import TAG_USER as MLFLOW_USER

__all__ = [
    "MAX_ENTITIES_PER_BATCH",
    "MAX_ENTITY_KEY_LENGTH",
    "MAX_METRICS_PER_BATCH",
    "MAX_PARAMS_TAGS_PER_BATCH",
    "MAX_PARAM_VAL_LENGTH",
    "MAX_TAG_VAL_LENGTH",
    "MLFLOW_GIT_COMMIT",
    "MLFLOW_PARENT_RUN_ID",
    "MLFLOW_RUN_NAME",
    "MLFLOW_SOURCE_NAME",
    "MLFLOW_SOURCE_TYPE",
    "MLFLOW_USER",
    "VERSION",
    "resolve_tags",
]

# `mlflow.utils.validation.X` and the like, without an import of the inner module.
mlflow_tags = validation = registry = sys.modules[__name__]


def resolve_tags(tags: Mapping[str, str] | None = None, ignore: Iterable[object] | None = None) -> dict[str, str]:
    """The tags of a new run: where it was started, and the given ones."""
    return {**context_tags(), **(tags or {})}
