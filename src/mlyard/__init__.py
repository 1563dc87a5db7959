"""mlyard: the machine-learning lifecycle in one light package.

``import mlyard as mlflow`` runs scripts written for MLflow. Names are looked up when they are first used (PEP 562):
importing mlyard loads nothing else. A name is public if it is in the ``__all__`` of one of the modules below: type
checkers find these modules by the imports, the interpreter by ``_HOMES``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlyard.core.version import __version__ as __version__

if TYPE_CHECKING:
    from mlyard import artifacts as artifacts
    from mlyard import catboost as catboost
    from mlyard import entities as entities
    from mlyard import exceptions as exceptions
    from mlyard import keras as keras
    from mlyard import lightgbm as lightgbm
    from mlyard import models as models
    from mlyard import onnx as onnx
    from mlyard import projects as projects
    from mlyard import prophet as prophet
    from mlyard import pyfunc as pyfunc
    from mlyard import pytorch as pytorch
    from mlyard import sentence_transformers as sentence_transformers
    from mlyard import sklearn as sklearn
    from mlyard import spacy as spacy
    from mlyard import spark as spark
    from mlyard import statsmodels as statsmodels
    from mlyard import tracking as tracking
    from mlyard import transformers as transformers
    from mlyard import types as types
    from mlyard import xgboost as xgboost
    from mlyard.client.active import *  # noqa: F403
    from mlyard.client.client import *  # noqa: F403
    from mlyard.client.fluent import *  # noqa: F403
    from mlyard.client.fluent_artifacts import *  # noqa: F403
    from mlyard.client.fluent_models import *  # noqa: F403
    from mlyard.client.tracking import *  # noqa: F403
    from mlyard.projects.running import *  # noqa: F403
else:
    _HOMES = (
        "client.tracking",
        "client.client",
        "client.active",
        "client.fluent",
        "client.fluent_artifacts",
        "client.fluent_models",
        "projects.running",
    )
    _PACKAGES = ("artifacts", "models", "projects", "types")  # of the packages, these are for users

    def __getattr__(name):
        from mlyard.core.lazy import files_of, look_up, names_of

        if name == "__all__":
            files = files_of(__path__)  # noqa: F405 - a package's own
            found = sorted([*names_of(__name__, _HOMES), *files, *_PACKAGES, "__version__"])
        else:
            found = look_up(__name__, _HOMES, name)
        globals()[name] = found
        return found

    def __dir__():
        return __getattr__("__all__")
