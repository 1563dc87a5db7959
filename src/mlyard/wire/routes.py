"""The route table: every JSON endpoint once, for the server, the REST client and the OpenAPI document.

Paths are relative to each of PREFIXES; ``{name}`` is one path segment and a field of the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from mlyard.wire import (
    artifacts,
    experiments,
    inputs,
    list_tags,
    logged_models,
    metrics,
    model_versions,
    registered_models,
    runs,
    series,
)
from mlyard.wire.message import Empty, Message

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)

API = "/api/2.0/mlflow"
SERVER_INFO = "/server-info"
REQUEST_ID = "request_id"
WITH_SLASHES = frozenset({"tag_key"})
"""Fields of paths whose values may hold slashes. All others are ids."""
PREFIXES = (
    API,
    "/api/3.0/mlflow",
    "/ajax-api/2.0/mlflow",
    "/ajax-api/3.0/mlflow",
    "/api/2.0/preview/mlflow",
    "/ajax-api/2.0/preview/mlflow",
    "/api/2.11/mlflow",
    "/ajax-api/2.11/mlflow",
)
PROXY = "/api/2.0/mlflow-artifacts/artifacts"
UPLOADS = "/api/2.0/mlflow-artifacts/mpu"
BUNDLES = "/api/2.0/mlflow-artifacts/bundle"
PROXY_ROOTS = ("/api/2.0/mlflow-artifacts", "/ajax-api/2.0/mlflow-artifacts")
PROXY_PREFIXES = tuple(f"{root}/artifacts" for root in PROXY_ROOTS)


class Repeat(Enum):
    """What a client may do about a request whose answer got lost, so that nobody knows whether it was done."""

    HARMLESS = "Send it again: twice has the effect of once."
    IF_RECOGNISED = "Send it again to a server that says in ``server-info`` that it recognises a repetition."
    UNTIL_GONE = "Send it again: if what it names is not found any more, it was done."


@dataclass(frozen=True)
class Route(Generic[Req, Res]):
    """One endpoint. Clients use the first method; the server accepts all of them.

    ``binary``: the media type of the answer if the request asks for one that is not JSON.
    """

    methods: tuple[str, ...]
    path: str
    request: type[Req]
    response: type[Res]
    repeat: Repeat
    binary: str | None = None


ROUTES: list[Route[Any, Any]] = []


def _route(
    methods: str,
    path: str,
    request: type[Req],
    response: type[Res],
    repeat: Repeat = Repeat.HARMLESS,
    binary: str | None = None,
) -> Route[Req, Res]:
    """A request with an id creates one thing only, on a server that knows the ids."""
    if REQUEST_ID in request.__struct_fields__:
        repeat = Repeat.IF_RECOGNISED
    route = Route(tuple(methods.split()), path, request, response, repeat, binary)
    ROUTES.append(route)
    return route


_e, _r, _l = experiments, runs, logged_models
_m, _v = registered_models, model_versions

CREATE_EXPERIMENT = _route("POST", "/experiments/create", _e.CreateExperiment, _e.ExperimentId)
GET_EXPERIMENT = _route("GET", "/experiments/get", _e.ExperimentId, _e.ExperimentAnswer)
GET_EXPERIMENT_BY_NAME = _route("GET", "/experiments/get-by-name", _e.GetExperimentByName, _e.ExperimentAnswer)
SEARCH_EXPERIMENTS = _route("POST GET", "/experiments/search", _e.SearchExperiments, _e.ExperimentsAnswer)
LIST_EXPERIMENTS = _route("GET", "/experiments/list", _e.SearchExperiments, _e.ExperimentsAnswer)
UPDATE_EXPERIMENT = _route("POST", "/experiments/update", _e.UpdateExperiment, Empty)
DELETE_EXPERIMENT = _route("POST", "/experiments/delete", _e.ExperimentId, Empty, Repeat.UNTIL_GONE)
RESTORE_EXPERIMENT = _route("POST", "/experiments/restore", _e.ExperimentId, Empty, Repeat.UNTIL_GONE)
SET_EXPERIMENT_TAG = _route("POST", "/experiments/set-experiment-tag", _e.SetExperimentTag, Empty)
DELETE_EXPERIMENT_TAG = _route(
    "POST", "/experiments/delete-experiment-tag", _e.DeleteExperimentTag, Empty, Repeat.UNTIL_GONE
)

CREATE_RUN = _route("POST", "/runs/create", _r.CreateRun, _r.RunAnswer)
GET_RUN = _route("GET", "/runs/get", _r.RunId, _r.RunAnswer)
UPDATE_RUN = _route("POST", "/runs/update", _r.UpdateRun, _r.RunInfoAnswer)
DELETE_RUN = _route("POST", "/runs/delete", _r.RunId, Empty)
RESTORE_RUN = _route("POST", "/runs/restore", _r.RunId, Empty)
SEARCH_RUNS = _route("POST", "/runs/search", _r.SearchRuns, _r.RunsAnswer)
LOG_METRIC = _route("POST", "/runs/log-metric", metrics.LogMetric, Empty)
LOG_PARAM = _route("POST", "/runs/log-parameter", _r.LogParam, Empty)
LOG_BATCH = _route("POST", "/runs/log-batch", _r.LogBatch, Empty)
SET_RUN_TAG = _route("POST", "/runs/set-tag", _r.SetRunTag, Empty)
DELETE_RUN_TAG = _route("POST", "/runs/delete-tag", _r.DeleteRunTag, Empty, Repeat.UNTIL_GONE)
LOG_MODEL = _route("POST", "/runs/log-model", _r.LogModel, Empty, Repeat.IF_RECOGNISED)
ADD_TO_RUN_TAG = _route("POST", "/runs/add-to-tag", list_tags.AddToRunTag, Empty)
LOG_OUTPUTS = _route("POST", "/runs/outputs", _r.LogOutputs, Empty, Repeat.IF_RECOGNISED)
LOG_INPUTS = _route("POST", "/runs/log-inputs", inputs.LogInputs, Empty)
HEARTBEAT = _route("POST", "/runs/heartbeat", _r.Heartbeat, Empty)
SEARCH_DATASETS = _route("POST", "/experiments/search-datasets", inputs.SearchDatasets, inputs.DatasetSummariesAnswer)

GET_HISTORY = _route("GET", "/metrics/get-history", metrics.GetHistory, metrics.HistoryAnswer)
GET_HISTORY_BULK = _route("GET", "/metrics/get-history-bulk", metrics.GetHistoryBulk, metrics.BulkAnswer)
GET_HISTORY_INTERVAL = _route(
    "GET", "/metrics/get-history-bulk-interval", metrics.GetHistoryInterval, metrics.MetricsAnswer
)

GET_CHARTS = _route("POST", "/metrics/charts", series.GetCharts, series.SeriesAnswer)
GET_FIGURES = _route("POST", "/metrics/figures", series.GetSeries, series.FiguresAnswer)
GET_SERIES = _route("POST", "/metrics/series", series.GetWholeSeries, series.SeriesAnswer, binary=series.ARROW)

LIST_ARTIFACTS = _route("GET", "/artifacts/list", artifacts.ListArtifacts, artifacts.FilesAnswer)
PRESIGN_UPLOAD = _route(
    "POST", "/artifacts/presigned-upload-url", artifacts.CreatePresignedUpload, artifacts.PresignedUrlAnswer
)
PRESIGN_DOWNLOAD = _route(
    "POST", "/artifacts/presigned-download-url", artifacts.CreatePresignedDownload, artifacts.PresignedUrlAnswer
)

CREATE_LOGGED_MODEL = _route("POST", "/logged-models", _l.CreateLoggedModel, _l.LoggedModelAnswer)
SEARCH_LOGGED_MODELS = _route("POST", "/logged-models/search", _l.SearchLoggedModels, _l.LoggedModelsAnswer)
GET_LOGGED_MODEL = _route("GET", "/logged-models/{model_id}", _l.LoggedModelId, _l.LoggedModelAnswer)
FINALIZE_LOGGED_MODEL = _route("PATCH", "/logged-models/{model_id}", _l.FinalizeLoggedModel, _l.LoggedModelAnswer)
DELETE_LOGGED_MODEL = _route("DELETE", "/logged-models/{model_id}", _l.LoggedModelId, Empty)
SET_LOGGED_MODEL_TAGS = _route(
    "PATCH", "/logged-models/{model_id}/tags", _l.SetLoggedModelTags, _l.LoggedModelTagsAnswer
)
ADD_TO_MODEL_TAG = _route("POST", "/logged-models/{model_id}/add-to-tag", list_tags.AddToModelTag, Empty)
DELETE_LOGGED_MODEL_TAG = _route(
    "DELETE", "/logged-models/{model_id}/tags/{tag_key}", _l.DeleteLoggedModelTag, Empty, Repeat.UNTIL_GONE
)
LOG_LOGGED_MODEL_PARAMS = _route(
    "POST", "/logged-models/{model_id}/params", _l.LogLoggedModelParams, Empty, Repeat.IF_RECOGNISED
)
LIST_LOGGED_MODEL_ARTIFACTS = _route(
    "GET",
    "/logged-models/{model_id}/artifacts/directories",
    artifacts.ListLoggedModelArtifacts,
    artifacts.FilesAnswer,
)

CREATE_REGISTERED_MODEL = _route(
    "POST", "/registered-models/create", _m.CreateRegisteredModel, _m.RegisteredModelAnswer
)
GET_REGISTERED_MODEL = _route("GET", "/registered-models/get", _m.RegisteredModelName, _m.RegisteredModelAnswer)
SEARCH_REGISTERED_MODELS = _route("GET", "/registered-models/search", _m.SearchRegistry, _m.RegisteredModelsAnswer)
LIST_REGISTERED_MODELS = _route("GET", "/registered-models/list", _m.ListRegisteredModels, _m.RegisteredModelsAnswer)
RENAME_REGISTERED_MODEL = _route(
    "POST", "/registered-models/rename", _m.RenameRegisteredModel, _m.RegisteredModelAnswer
)
UPDATE_REGISTERED_MODEL = _route(
    "PATCH", "/registered-models/update", _m.UpdateRegisteredModel, _m.RegisteredModelAnswer
)
DELETE_REGISTERED_MODEL = _route(
    "DELETE", "/registered-models/delete", _m.RegisteredModelName, Empty, Repeat.UNTIL_GONE
)
GET_LATEST_VERSIONS = _route(
    "POST GET", "/registered-models/get-latest-versions", _m.GetLatestVersions, _v.ModelVersionsAnswer
)
SET_REGISTERED_MODEL_TAG = _route("POST", "/registered-models/set-tag", _m.SetRegisteredModelTag, Empty)
DELETE_REGISTERED_MODEL_TAG = _route("DELETE", "/registered-models/delete-tag", _m.DeleteRegisteredModelTag, Empty)
SET_ALIAS = _route("POST", "/registered-models/alias", _m.SetAlias, Empty)
GET_BY_ALIAS = _route("GET", "/registered-models/alias", _m.AliasName, _v.ModelVersionAnswer)
DELETE_ALIAS = _route("DELETE", "/registered-models/alias", _m.AliasName, Empty)

CREATE_MODEL_VERSION = _route("POST", "/model-versions/create", _v.CreateModelVersion, _v.ModelVersionAnswer)
GET_MODEL_VERSION = _route("GET", "/model-versions/get", _v.ModelVersionId, _v.ModelVersionAnswer)
SEARCH_MODEL_VERSIONS = _route("GET", "/model-versions/search", _m.SearchRegistry, _v.ModelVersionsAnswer)
UPDATE_MODEL_VERSION = _route("PATCH", "/model-versions/update", _v.UpdateModelVersion, _v.ModelVersionAnswer)
TRANSITION_STAGE = _route("POST", "/model-versions/transition-stage", _v.TransitionStage, _v.ModelVersionAnswer)
DELETE_MODEL_VERSION = _route("DELETE", "/model-versions/delete", _v.ModelVersionId, Empty, Repeat.UNTIL_GONE)
SET_MODEL_VERSION_TAG = _route("POST", "/model-versions/set-tag", _v.SetModelVersionTag, Empty)
DELETE_MODEL_VERSION_TAG = _route("DELETE", "/model-versions/delete-tag", _v.DeleteModelVersionTag, Empty)
GET_DOWNLOAD_URI = _route("GET", "/model-versions/get-download-uri", _v.ModelVersionId, _v.DownloadUriAnswer)
