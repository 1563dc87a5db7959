"""The objects that the client takes and returns."""

from __future__ import annotations

from mlyard.domain.artifacts import FileInfo
from mlyard.domain.experiments import Experiment
from mlyard.domain.logged_models import LoggedModel
from mlyard.domain.metrics import Figures, Metric, Series
from mlyard.domain.model_versions import ModelVersion
from mlyard.domain.registered_models import RegisteredModel
from mlyard.domain.runs import ModelOutput, Param, Run, RunData, RunInfo, RunTag

__all__ = [
    "Experiment",
    "Figures",
    "FileInfo",
    "LoggedModel",
    "Metric",
    "ModelOutput",
    "ModelVersion",
    "Param",
    "RegisteredModel",
    "Run",
    "RunData",
    "RunInfo",
    "RunTag",
    "Series",
]
