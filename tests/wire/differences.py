"""The deliberate differences between mlyard's answers and MLflow's, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diffing import Difference


@dataclass(frozen=True)
class Deliberate:
    """Differences whose request, field and two values match these patterns."""

    reason: str
    request: str = ".*"
    field: str = "status"
    mlflow: str = ".*"
    mlyard: str = ".*"

    def covers(self, found: Difference) -> bool:
        """Is this such a difference?"""
        pairs = (
            (self.request, found.request),
            (self.field, found.field),
            (self.mlflow, str(found.mlflow)),
            (self.mlyard, str(found.mlyard)),
        )
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in pairs)


INVALID = "INVALID_PARAMETER_VALUE"
REFUSED = rf"400: {INVALID}.*"
DONE = "200: .*"

DELIBERATE: tuple[Deliberate, ...] = (
    Deliberate("mlyard has no workspaces", field=r".*\bworkspace", mlyard=r"\(absent\)"),
    Deliberate("infinities are kept", field=".*value", mlflow=r"-?1\.797\d*e\+308", mlyard="-?Infinity"),
    Deliberate("a bare NaN is not JSON", field=".*value", mlflow="<bare nan>", mlyard="NaN"),
    # What MLflow's server does not understand.
    Deliberate("errors are JSON, not pages", field="answer", mlflow="<no JSON>", mlyard=".*error_code.*"),
    Deliberate("a wrong request is not a failure of the server", mlflow="500: <no JSON>", mlyard="(400|404|200): .*"),
    Deliberate(
        "a wrong request is not a failure of the server: clients repeat what failed with 5xx",
        mlflow="500: (INTERNAL_ERROR|INVALID_STATE).*",
        mlyard="(400|200): .*",
    ),
    Deliberate("every endpoint lies below every prefix", mlflow="404: <no JSON>", mlyard=DONE),
    # What MLflow's database refuses.
    Deliberate(
        "writing what is there already changes nothing; no experiment means the first one",
        mlflow=r"400: BAD_REQUEST: \(.*",
        mlyard=DONE,
    ),
    Deliberate("of equal keys the last wins", request=".*experiments/create .*", mlflow="400: .*UNIQUE.*", mlyard=DONE),
    Deliberate("the code says what is wrong", field="error_code", mlflow="BAD_REQUEST", mlyard=f"RES.*|{INVALID}"),
    Deliberate("and so does the message, without SQL", field="message", mlflow=r"\(sqlite3.*", mlyard=".*already.*"),
    # Types.
    Deliberate(
        "a value of another type is refused, not changed or dropped",
        request=".*(log-metric|log-batch|runs/create|get-history|/search).*",
        mlflow=DONE,
        mlyard=f'400: {INVALID}: Invalid value (.*Expected `|"abc".*must be a number).*',
    ),
    Deliberate(
        "a run that is not here may be on another server",
        request=".*model-versions/create {'name': 'Elsewhere', .*",
        mlflow=f"400: {INVALID}: .*must identify the resource that contains the source.*",
        mlyard=DONE,
    ),
    Deliberate(
        "a run that is nowhere is missing",
        request=".*model-versions/create .*'runs:/.*",
        mlflow=REFUSED,
        mlyard="404: .*Run with id=.*",
    ),
    Deliberate(
        "a place that the operator did not allow is refused, with the setting that allows it",
        request=r".*model-versions/create .*'(gs|dbfs|wasbs|unknown):.*",
        mlflow=DONE,
        mlyard=".*MLYARD_ALLOWED_ARTIFACT_ROOTS.*",
    ),
    Deliberate(
        "a source has no query, because clients do not agree on what it means",
        request=r".*model-versions/create .*\?x=1.*",
        mlflow=DONE,
        mlyard=REFUSED,
    ),
    Deliberate(
        "a source names a version, or a model of a run, and both are there",
        request=r".*model-versions/create .*('models:/m/999'|'runs:/\$r').*",
        mlflow=DONE,
        mlyard="40[04]: .*",
    ),
    Deliberate(
        "a source names its run or logged model by itself",
        request=r".*model-versions/create .*('runs:/\$r/model'|'models:/\$m').*",
        mlflow=f"400: {INVALID}: .*must identify the resource that contains the source.*",
        mlyard=DONE,
    ),
    Deliberate("a version has its logged model", field="model_version.model_id", mlflow=r"\(absent\)"),
    Deliberate("time is 64 bits wide", request=".*log-metric.*", mlflow=DONE, mlyard=".*does not fit in 64 bits.*"),
    Deliberate("databases hold no NUL", request=r".*x00.*", mlflow=DONE, mlyard=".*NUL.*"),
    Deliberate("an enum's unknown name is refused", mlflow=DONE, mlyard=".*Invalid (view type|run status).*"),
    Deliberate("a version may be a number", request="a number: .*", mlflow=REFUSED, mlyard=DONE),
    Deliberate("a dataset is what the protocol requires", request=".*log-inputs.*", mlflow=DONE, mlyard=REFUSED),
    # Searches.
    Deliberate(
        "the search language is larger: OR, NOT, brackets, any case, more fields",
        request=".*/search .*('filter'|'order_by').*",
        mlflow=f"400: {INVALID}: (Invalid|Only|Expected).*",
        mlyard=DONE,
    ),
    Deliberate("a filter is read as a whole or refused", request=".*'filter'.*", mlflow=DONE, mlyard=REFUSED),
    Deliberate("two quotes are a quote", request=".*it''s.*", field=r"runs\..*"),
    Deliberate("a status may have its full name", request=".*'LOGGED_MODEL_READY'.*", field=r"models\..*"),
    Deliberate("no digest: any digest", request=".*'datasets': .*'iris'}]}", field=r"models\..*"),
    Deliberate("no count is the usual count", request=".*experiments/search.*", mlflow=".*value 0 .*", mlyard=DONE),
    Deliberate(
        "a page of no rows has no next one",
        request=".*(registered-models|logged-models)/search.*'max_results': .*",
        mlflow=DONE,
        mlyard=".*at least 1.*",
    ),
    # Answers.
    Deliberate("a run that is not there has no history", request=".*get-history .*'none'.*", mlyard="404: .*"),
    Deliberate("a chart has one point a step, its last", request=".*interval {'run_ids': .*", field="metrics"),
    Deliberate("a part is sampled from its own ends", request=".*interval .*'start_step'.*", field=r"metrics\..*"),
    Deliberate("no description is an empty one", field=r".*\bdescription", mlflow=r"\(absent\)", mlyard=""),
    Deliberate("the tag of a run's user sets its user", field="run.info.user_id", mlflow="", mlyard="bob"),
    Deliberate(
        "latest versions have one order: that in which their stages first appear",
        request=".*registered-models/search.*",
        field=r".*latest_versions\[.*",
    ),
    Deliberate(
        "a change of tags or params is an update",
        request=".*logged-models/search .*last_updated_timestamp.*",
        field=r"models\..*",
    ),
    Deliberate("versions in lists have their aliases", field=r".*\baliases", mlflow=r"\(absent\)"),
    Deliberate("a run without a start starts now", field=".*start_time", mlflow="0", mlyard="<now>"),
    Deliberate("the tag is the same JSON, shorter", request="GET runs/get.*", field=".*value", mlflow=".*model_uuid.*"),
    Deliberate("the changed model is the answer, as the protocol has it", request=".*/tags .*", field="model"),
)


def unexpected(found: list[Difference]) -> list[Difference]:
    """The differences that no entry of the table covers."""
    return [one for one in found if not any(entry.covers(one) for entry in DELIBERATE)]
