"""mlyard: the machine-learning lifecycle in one light package.

``import mlyard as mlflow`` runs scripts written for MLflow. Names are resolved when they are first
used (PEP 562): importing mlyard loads nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mlyard.core.version import __version__

if TYPE_CHECKING:
    from mlyard import (
        catboost,
        entities,
        exceptions,
        keras,
        lightgbm,
        models,
        onnx,
        projects,
        prophet,
        pyfunc,
        pytorch,
        sentence_transformers,
        sklearn,
        spacy,
        spark,
        statsmodels,
        tracking,
        transformers,
        types,
        xgboost,
    )
    from mlyard.client.active import ActiveRun
    from mlyard.client.artifact_uris import download_artifacts
    from mlyard.client.client import MlflowClient, MlyardClient
    from mlyard.client.fluent import (
        active_run,
        create_experiment,
        delete_experiment,
        delete_run,
        delete_tag,
        end_run,
        get_experiment,
        get_experiment_by_name,
        get_run,
        last_active_run,
        log_metric,
        log_metrics,
        log_param,
        log_params,
        register_model,
        search_experiments,
        search_model_versions,
        search_registered_models,
        search_runs,
        set_experiment,
        set_tag,
        set_tags,
        start_run,
    )
    from mlyard.client.fluent_artifacts import (
        delete_artifacts,
        get_artifact_uri,
        load_table,
        log_artifact,
        log_artifacts,
        log_dict,
        log_figure,
        log_image,
        log_stream,
        log_table,
        log_text,
    )
    from mlyard.client.fluent_models import (
        delete_logged_model_tag,
        finalize_logged_model,
        get_logged_model,
        initialize_logged_model,
        last_logged_model,
        log_model_params,
        search_logged_models,
        set_logged_model_tags,
    )
    from mlyard.client.tracking import get_registry_uri, get_tracking_uri, set_registry_uri, set_tracking_uri
    from mlyard.projects.run import run

_FLUENT = (
    "active_run create_experiment delete_experiment delete_run delete_tag end_run get_experiment "
    "get_experiment_by_name get_run last_active_run log_metric log_metrics log_param log_params register_model "
    "search_experiments "
    "search_model_versions search_registered_models search_runs set_experiment set_tag set_tags start_run"
)
_ARTIFACTS = (
    "delete_artifacts get_artifact_uri load_table log_artifact log_artifacts log_dict log_figure log_image "
    "log_stream log_table log_text"
)
_MODELS = (
    "delete_logged_model_tag finalize_logged_model get_logged_model initialize_logged_model last_logged_model "
    "log_model_params search_logged_models set_logged_model_tags"
)
_NAMES = {
    **dict.fromkeys(_MODELS.split(), "mlyard.client.fluent_models"),
    **dict.fromkeys(_ARTIFACTS.split(), "mlyard.client.fluent_artifacts"),
    "download_artifacts": "mlyard.client.artifact_uris",
    **dict.fromkeys(_FLUENT.split(), "mlyard.client.fluent"),
    **dict.fromkeys(
        ["get_registry_uri", "get_tracking_uri", "set_registry_uri", "set_tracking_uri"], "mlyard.client.tracking"
    ),
    **dict.fromkeys(("MlflowClient", "MlyardClient"), "mlyard.client.client"),
    "ActiveRun": "mlyard.client.active",
    "run": "mlyard.projects.run",
}
_FLAVORS = (
    "catboost",
    "keras",
    "lightgbm",
    "onnx",
    "prophet",
    "pyfunc",
    "pytorch",
    "sentence_transformers",
    "sklearn",
    "spacy",
    "spark",
    "statsmodels",
    "transformers",
    "xgboost",
)
_MODULES = (*_FLAVORS, "artifacts", "entities", "exceptions", "models", "projects", "tracking", "types")

__all__ = [
    "ActiveRun",
    "MlflowClient",
    "MlyardClient",
    "__version__",
    "active_run",
    "artifacts",
    "catboost",
    "create_experiment",
    "delete_artifacts",
    "delete_experiment",
    "delete_logged_model_tag",
    "delete_run",
    "delete_tag",
    "download_artifacts",
    "end_run",
    "entities",
    "exceptions",
    "finalize_logged_model",
    "get_artifact_uri",
    "get_experiment",
    "get_experiment_by_name",
    "get_logged_model",
    "get_registry_uri",
    "get_run",
    "get_tracking_uri",
    "initialize_logged_model",
    "keras",
    "last_active_run",
    "last_logged_model",
    "lightgbm",
    "load_table",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_metric",
    "log_metrics",
    "log_model_params",
    "log_param",
    "log_params",
    "log_stream",
    "log_table",
    "log_text",
    "models",
    "onnx",
    "projects",
    "prophet",
    "pyfunc",
    "pytorch",
    "register_model",
    "run",
    "search_experiments",
    "search_logged_models",
    "search_model_versions",
    "search_registered_models",
    "search_runs",
    "sentence_transformers",
    "set_experiment",
    "set_logged_model_tags",
    "set_registry_uri",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "sklearn",
    "spacy",
    "spark",
    "start_run",
    "statsmodels",
    "tracking",
    "transformers",
    "types",
    "xgboost",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"mlyard.{name}")
    raise AttributeError(f"module 'mlyard' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
