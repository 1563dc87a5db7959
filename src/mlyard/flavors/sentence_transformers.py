"""Sentence transformers: embeddings of texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need
from mlyard.models.format.flavor import PYTHON_FUNCTION, Executable, Flavored, WriteFlavor
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

FLAVOR = "sentence_transformers"
_EXTRA = "sentence-transformers"
_FOLDER = "model.sentence_transformer"
_DISTRIBUTIONS = ("pandas", "sentence-transformers", "torch", "transformers")


@document_save_options
def save_model(
    model: Any, path: str | Path, *, inference_config: Mapping[str, Any] | None = None, **options: Unpack[SaveOptions]
) -> None:
    """Save a sentence-transformers model to a local folder.

    Args:
        model: The ``SentenceTransformer``.
        path: The folder to write, which must be new or empty.
        inference_config: Arguments for the model's ``encode`` method at each prediction. Default: none.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``model`` is not a supported model, or an argument is invalid.
        MissingExtra: sentence-transformers is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from sentence_transformers import SentenceTransformer
        >>> from sentence_transformers.sentence_transformer.modules import BoW
        >>> import mlyard
        >>> model = SentenceTransformer(modules=[BoW(vocab=["good", "bad", "film"])])
        >>> mlyard.sentence_transformers.save_model(model, "words", inference_config={"batch_size": 16})
        >>> mlyard.pyfunc.load_model("words").predict(["film"]).tolist()
        [[0.0, 0.0, 1.0]]
    """
    save(path, _writer(model, inference_config), options)


@document_log_options
def log_model(
    model: Any,
    artifact_path: str | None = None,
    *,
    inference_config: Mapping[str, Any] | None = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a sentence-transformers model to the active run, or to a new run if none is active.

    Args:
        model: The ``SentenceTransformer``.
        artifact_path: The older name of ``name``. Default: None.
        inference_config: Arguments for the model's ``encode`` method at each prediction. Default: none.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``model`` is not a supported model, or an argument is invalid.
        MissingExtra: sentence-transformers is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from sentence_transformers import SentenceTransformer
        >>> from sentence_transformers.sentence_transformer.modules import BoW
        >>> import mlyard
        >>> model = SentenceTransformer(modules=[BoW(vocab=["good", "bad", "film"])])
        >>> with mlyard.start_run():
        ...     info = mlyard.sentence_transformers.log_model(model, name="words", input_example=["good film"])
        >>> info.signature.inputs
        [string (required)]
    """
    return log(artifact_path, _writer(model, inference_config), options)


def load_model(model_uri: str | Path, dst_path: str | Path | None = None) -> Any:
    """Load a sentence-transformers model as an object of its own library.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.

    Returns:
        The ``SentenceTransformer``.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: sentence-transformers is not installed.

    Example:
        >>> from sentence_transformers import SentenceTransformer
        >>> from sentence_transformers.sentence_transformer.modules import BoW
        >>> import mlyard
        >>> model = SentenceTransformer(modules=[BoW(vocab=["good", "bad", "film"])])
        >>> mlyard.sentence_transformers.save_model(model, "words")
        >>> mlyard.sentence_transformers.load_model("words").encode(["good film", "bad"]).tolist()
        [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    return _load(open_model(model_uri, FLAVOR, dst_path))


def load_predictor(folder: ModelFolder) -> SentencePredictor:
    """Load the model for python_function."""
    return SentencePredictor(_load(folder), folder.entry(PYTHON_FUNCTION).get("config") or {})


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """``modules.json``, if it names classes that the model brings along as Python files."""
    name = _data(folder)
    try:
        modules = json.loads(folder.file(f"{name}/modules.json").read_text(encoding="utf-8"))
        types = {str(module["type"]) for module in modules}
    except (ValueError, KeyError, TypeError):
        types = {"?"}
    foreign = sorted(kind for kind in types if not kind.startswith("sentence_transformers."))
    return (Executable(f"{name}/modules.json", f"it imports {', '.join(foreign)}"),) if foreign else ()


def modules_of(folder: ModelFolder) -> set[str]:
    """The libraries that run the model."""
    return {"sentence_transformers", "torch", "transformers"}


class SentencePredictor:
    """Embeds texts."""

    def __init__(self, model: Any, config: Mapping[str, Any]) -> None:
        self._model, self._config = model, config

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Embed: an array with one row per text; params are passed to the model's ``encode``."""
        given = {"show_progress_bar": False, **self._config, **(params or {})}
        return self._model.encode(texts_of(data), **given)

    def unwrap(self) -> Any:
        """The ``SentenceTransformer``."""
        return self._model


def _writer(model: Any, config: Mapping[str, Any] | None) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        library = need("sentence_transformers", _EXTRA)
        if not isinstance(model, library.SentenceTransformer):
            raise InvalidParameter(f"The model must be a SentenceTransformer, not a {type(model).__name__}.")
        model.save(str(folder / _FOLDER))
        inner = getattr(model[0], "auto_model", None)
        entry = {
            "pipeline_model_type": type(inner).__name__,
            "sentence_transformers_version": library.__version__,
            "source_model_name": str(getattr(inner, "name_or_path", "")),
        }
        return Flavored(
            name=FLAVOR,
            entry=entry,
            python_function={
                "loader_module": "mlflow.sentence_transformers",
                "data": _FOLDER,
                **({"config": dict(config)} if config else {}),
            },
            distributions=_DISTRIBUTIONS,
            predictor=lambda: SentencePredictor(model, config or {}),
        )

    return write


def _data(folder: ModelFolder) -> str:
    return str(folder.entry(PYTHON_FUNCTION).get("data", _FOLDER))


def _load(folder: ModelFolder) -> Any:
    library = need("sentence_transformers", _EXTRA)
    # Only local files are used; nothing is downloaded.
    return library.SentenceTransformer(str(folder.file(_data(folder))), local_files_only=True)
