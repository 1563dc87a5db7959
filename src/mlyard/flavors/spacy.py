"""spaCy's pipelines, as spaCy keeps them on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.input.texts import texts_of
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.format.options import LogOptions, SaveOptions
    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "spacy"
_FOLDER = "model.spacy"
_CATEGORIZERS = {"textcat", "textcat_multilabel"}
_DISTRIBUTIONS = ("pandas", "spacy")


def save_model(spacy_model: Any, path: str | Path, **options: Unpack[SaveOptions]) -> None:
    """Save a pipeline to a new or empty folder. Raises InvalidParameter."""
    save(path, _writer(spacy_model), options)


def log_model(spacy_model: Any, artifact_path: str | None = None, **options: Unpack[LogOptions]) -> ModelInfo:
    """Log a pipeline to the active run below ``name`` (``artifact_path`` in older scripts); see ``save_model``."""
    return log(artifact_path, _writer(spacy_model), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """The pipeline itself. Raises DoesNotExist, InvalidParameter, PermissionDenied."""
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> SpacyPredictor:
    """For python_function."""
    return SpacyPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """None: a pipeline is made of functions that installed packages register, and of numbers and texts."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """SpaCy alone: what a pipeline's configuration names are no modules."""
    return {"spacy"}


class SpacyPredictor:
    """Runs a pipeline over texts."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._has_categories = any(
            pipeline.get_pipe_meta(name).factory in _CATEGORIZERS for name in pipeline.pipe_names
        )

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """A data frame with a row a text: its categories, or, where the pipeline has none, all that was found."""
        import pandas as pd

        found = [doc.cats if self._has_categories else doc.to_json() for doc in self._pipeline.pipe(texts_of(data))]
        return pd.DataFrame({"predictions": found})

    def unwrap(self) -> Any:
        """The pipeline."""
        return self._pipeline


def _writer(pipeline: Any) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        spacy = need("spacy", FLAVOR)
        if not isinstance(pipeline, spacy.language.Language):
            raise InvalidParameter(f"The model must be a spaCy pipeline, not a {type(pipeline).__name__}.")
        pipeline.to_disk(folder / _FOLDER)
        return Flavored(
            name=FLAVOR,
            entry={"data": _FOLDER, "spacy_version": spacy.__version__},
            python_function={"loader_module": "mlflow.spacy", "data": _FOLDER},
            distributions=_DISTRIBUTIONS,
            predictor=lambda: SpacyPredictor(pipeline),
        )

    return write


def _load(folder: ModelFolder) -> Any:
    return need("spacy", FLAVOR).load(folder.file(folder.entry(FLAVOR).get("data", _FOLDER)))
