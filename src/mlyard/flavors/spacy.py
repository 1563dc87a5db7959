"""spaCy pipelines, in spaCy's own file format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import Executable, Flavored, WriteFlavor
from mlyard.models.format.folder import ModelFolder
from mlyard.models.format.options import LogOptions, SaveOptions, document_log_options, document_save_options
from mlyard.models.input.texts import texts_of
from mlyard.models.load import open_model
from mlyard.models.log import log
from mlyard.models.save import save

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mlyard.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]

FLAVOR = "spacy"
_FOLDER = "model.spacy"
_CATEGORIZERS = {"textcat", "textcat_multilabel"}
_DISTRIBUTIONS = ("pandas", "spacy")


@document_save_options
def save_model(spacy_model: Any, path: str | Path, **options: Unpack[SaveOptions]) -> None:
    """Save a spaCy pipeline to a local folder.

    Args:
        spacy_model: The pipeline, a ``spacy.language.Language``.
        path: The folder to write, which must be new or empty.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``spacy_model`` is not a supported model, or an argument is invalid.
        MissingExtra: spaCy is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import spacy
        >>> import mlyard
        >>> pipeline = spacy.blank("en")
        >>> _ = pipeline.add_pipe("sentencizer")
        >>> mlyard.spacy.save_model(pipeline, "sentences")
        >>> document = mlyard.pyfunc.load_model("sentences").predict(["It works. It is fast."])["predictions"][0]
        >>> [document["text"][sentence["start"] : sentence["end"]] for sentence in document["sents"]]
        ['It works.', 'It is fast.']
    """
    save(path, _writer(spacy_model), options)


@document_log_options
def log_model(spacy_model: Any, artifact_path: str | None = None, **options: Unpack[LogOptions]) -> ModelInfo:
    """Log a spaCy pipeline to the active run, or to a new run if none is active.

    Args:
        spacy_model: The pipeline, a ``spacy.language.Language``.
        artifact_path: The older name of ``name``. Default: None.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``spacy_model`` is not a supported model, or an argument is invalid.
        MissingExtra: spaCy is not installed.
        TypeError: An option is unknown.

    Example:
        >>> import spacy
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     info = mlyard.spacy.log_model(spacy.blank("en"), name="words", input_example=["It works."])
        >>> info.signature.inputs
        [string (required)]
    """
    return log(artifact_path, _writer(spacy_model), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load a spaCy pipeline as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The pipeline.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: spaCy is not installed.

    Example:
        >>> import spacy
        >>> import mlyard
        >>> mlyard.spacy.save_model(spacy.blank("en"), "words")
        >>> [word.text for word in mlyard.spacy.load_model("words")("It works.")]
        ['It', 'works', '.']
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> SpacyPredictor:
    """Load the model for python_function."""
    return SpacyPredictor(_load(folder))


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """No files: a pipeline consists of functions registered by installed packages, numbers and texts."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """Only spaCy: the names in a pipeline's configuration are not modules."""
    return {"spacy"}


class SpacyPredictor:
    """Runs a pipeline over texts."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._has_categories = any(
            pipeline.get_pipe_meta(name).factory in _CATEGORIZERS for name in pipeline.pipe_names
        )

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict: a data frame with one row per text: its categories, or the whole document if there are none."""
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
