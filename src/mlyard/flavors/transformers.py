"""Pipelines of the transformers library, with their weights as safetensors."""

from __future__ import annotations

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

FLAVOR = "transformers"
_MODEL, _COMPONENTS = "model", "components"
_AUTO = {
    "tokenizer": "AutoTokenizer",
    "feature_extractor": "AutoFeatureExtractor",
    "image_processor": "AutoImageProcessor",
    "processor": "AutoProcessor",
}
"""The components of a pipeline besides its model, and the classes that load them."""
_TEXT_KEYS = ("generated_text", "summary_text", "translation_text")
_DISTRIBUTIONS = ("pandas", "torch", "transformers")


@document_save_options
def save_model(
    transformers_model: Any,
    path: str | Path,
    *,
    task: str | None = None,
    model_config: Mapping[str, Any] | None = None,
    **options: Unpack[SaveOptions],
) -> None:
    """Save a transformers pipeline to a local folder.

    Args:
        transformers_model: The pipeline, or a dict of its ``model``, ``tokenizer`` and other components.
        path: The folder to write, which must be new or empty.
        task: The task of the pipeline, such as ``"text-classification"``. Required with a dict of components. Default:
            the pipeline's own task.
        model_config: Arguments for the pipeline at each prediction. Default: none.
        **options: Options that all flavors share, listed below.

    Raises:
        InvalidParameter: ``path`` is not empty, ``transformers_model`` is not a supported model, or an argument is
            invalid.
        MissingExtra: transformers is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from transformers import BertConfig, BertForSequenceClassification, BertTokenizer
        >>> import mlyard
        >>> words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad"])}
        >>> config = BertConfig(vocab_size=6, hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
        >>> parts = {"model": BertForSequenceClassification(config), "tokenizer": BertTokenizer(vocab=words)}
        >>> mlyard.transformers.save_model(parts, "mood", task="text-classification")
        >>> list(mlyard.pyfunc.load_model("mood").predict(["good"]).columns)
        ['label', 'score']
    """
    save(path, _writer(transformers_model, task, model_config), options)


@document_log_options
def log_model(
    transformers_model: Any,
    artifact_path: str | None = None,
    *,
    task: str | None = None,
    model_config: Mapping[str, Any] | None = None,
    **options: Unpack[LogOptions],
) -> ModelInfo:
    """Log a transformers pipeline to the active run, or to a new run if none is active.

    Args:
        transformers_model: The pipeline, or a dict of its ``model``, ``tokenizer`` and other components.
        artifact_path: The older name of ``name``. Default: None.
        task: The task of the pipeline, such as ``"text-classification"``. Required with a dict of components. Default:
            the pipeline's own task.
        model_config: Arguments for the pipeline at each prediction. Default: none.
        **options: Options that all flavors share, listed below.

    Returns:
        The logged model; its ``model_uri`` loads it again.

    Raises:
        InvalidParameter: ``transformers_model`` is not a supported model, or an argument is invalid.
        MissingExtra: transformers is not installed.
        TypeError: An option is unknown.

    Example:
        >>> from transformers import BertConfig, BertForSequenceClassification, BertTokenizer, pipeline
        >>> import mlyard
        >>> words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad"])}
        >>> config = BertConfig(vocab_size=6, hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
        >>> model, tokenizer = BertForSequenceClassification(config), BertTokenizer(vocab=words)
        >>> mood = pipeline("text-classification", model=model, tokenizer=tokenizer)
        >>> with mlyard.start_run():
        ...     info = mlyard.transformers.log_model(mood, name="mood", model_config={"top_k": 1})
        >>> mlyard.transformers.load_model(info.model_uri).task
        'text-classification'
    """
    return log(artifact_path, _writer(transformers_model, task, model_config), options)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    return_type: str = "pipeline",
    device: Any = None,
    **pipeline_options: Any,
) -> Any:
    """Load a transformers pipeline, or its components.

    Args:
        model_uri: The model: a local folder, ``runs:/<run ID>/<path>``, ``models:/<name>/<version or stage>``,
            ``models:/<name>@<alias>``, ``models:/<model ID>``, or the URI of its folder in an artifact store.
        dst_path: Folder to download the model to. Default: a temporary folder, deleted when the process ends; local
            models are used in place.
        return_type: ``"pipeline"``, or ``"components"`` for a dict of the task, the model, the tokenizer and so on.
            Default: ``"pipeline"``.
        device: The device to run the pipeline on, as ``transformers.pipeline`` takes it. Default: its own choice.
        **pipeline_options: Further arguments for ``transformers.pipeline``.

    Returns:
        The pipeline, or the dict of its components.

    Raises:
        DoesNotExist: There is no model at ``model_uri``.
        InvalidParameter: The URI is invalid, or the model is damaged or does not have this flavor, or
            ``return_type`` is unknown.
        DataLoss: A file has changed since it was logged.
        PermissionDenied: Loading would run code, and the settings forbid that.
        MissingExtra: transformers is not installed.

    Example:
        >>> from transformers import BertConfig, BertModel, BertTokenizer
        >>> import mlyard
        >>> words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad"])}
        >>> config = BertConfig(vocab_size=6, hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
        >>> parts = {"model": BertModel(config), "tokenizer": BertTokenizer(vocab=words)}
        >>> mlyard.transformers.save_model(parts, "features", task="feature-extraction")
        >>> sorted(mlyard.transformers.load_model("features", return_type="components"))
        ['model', 'task', 'tokenizer']
        >>> features = mlyard.transformers.load_model("features", device="cpu")("good")
        >>> len(features[0]), len(features[0][0])
        (3, 8)
    """
    if return_type not in ("pipeline", "components"):
        raise InvalidParameter(f"The return_type {return_type!r} is neither 'pipeline' nor 'components'.")
    folder = open_model(model_uri, FLAVOR, dst_path)
    parts = _parts(folder)
    return parts if return_type == "components" else _pipeline(parts, device=device, **pipeline_options)


def load_predictor(folder: ModelFolder) -> TransformersPredictor:
    """Load the model for python_function."""
    return TransformersPredictor(_pipeline(_parts(folder)), folder.entry(PYTHON_FUNCTION).get("config") or {})


def executables(folder: ModelFolder) -> Sequence[Executable]:
    """No files: only the library's own classes are created, and the weights are plain numbers."""
    return ()


def modules_of(folder: ModelFolder) -> set[str]:
    """The libraries that run the model."""
    return {"torch", "transformers"}


class TransformersPredictor:
    """Calls a pipeline with texts, or with the unchanged input if its task does not take texts."""

    def __init__(self, pipeline: Any, config: Mapping[str, Any]) -> None:
        self._pipeline, self._config = pipeline, config

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict: a list of texts, a data frame of labels and scores, or an array of features, by task."""
        import numpy as np
        import pandas as pd

        given = {**self._config, **(params or {})}
        if self._pipeline.tokenizer is None:
            return self._pipeline(data, **given)
        found = self._pipeline(texts_of(data), **given)
        if self._pipeline.task == "feature-extraction":
            return np.array([each[0][0] for each in found])
        plain = [_plain(self._pipeline.task, each) for each in found]
        return pd.DataFrame(plain) if plain and isinstance(plain[0], dict) else plain

    def unwrap(self) -> Any:
        """The pipeline."""
        return self._pipeline


def _plain(task: str, answer: Any) -> Any:
    """The best answer to one text; generated text is returned as a plain string."""
    if task == "token-classification":
        return ",".join(str(each.get("entity", each.get("entity_group"))) for each in answer)
    best = answer[0] if isinstance(answer, list) and answer else answer
    if isinstance(best, dict):
        if task == "fill-mask":
            return best["token_str"]
        for key in _TEXT_KEYS:
            if key in best:
                return best[key]
    return best


def _writer(given: Any, task: str | None, config: Mapping[str, Any] | None) -> WriteFlavor:
    def write(folder: Path) -> Flavored:
        library = need("transformers", FLAVOR)
        pipeline = _as_pipeline(given, task)
        there = {name: getattr(pipeline, name, None) for name in _AUTO}
        parts: dict[str, Any] = {name: part for name, part in there.items() if part is not None}
        pipeline.model.save_pretrained(folder / _MODEL)
        for name, part in parts.items():
            part.save_pretrained(folder / _COMPONENTS / name)
        entry = {
            "components": list(parts),
            "instance_type": type(pipeline).__name__,
            "model_binary": _MODEL,
            "pipeline_model_type": type(pipeline.model).__name__,
            "source_model_name": str(pipeline.model.name_or_path),
            "task": task or pipeline.task,
            **{f"{name}_type": type(part).__name__ for name, part in parts.items()},
            "torch_dtype": str(pipeline.model.dtype),
            "transformers_version": library.__version__,
        }
        return Flavored(
            name=FLAVOR,
            entry=entry,
            python_function={
                "loader_module": "mlflow.transformers",
                **({"config": dict(config)} if config else {}),
            },
            distributions=_DISTRIBUTIONS,
            predictor=lambda: TransformersPredictor(pipeline, config or {}),
        )

    return write


def _as_pipeline(given: Any, task: str | None) -> Any:
    library = need("transformers", FLAVOR)
    if isinstance(given, library.Pipeline):
        return given
    if isinstance(given, Mapping) and "model" in given and task:
        return library.pipeline(task, **given)
    raise InvalidParameter(
        "The model must be a transformers pipeline, or a dict of 'model' and 'tokenizer' with task='…', "
        f"not a {type(given).__name__}."
    )


def _parts(folder: ModelFolder) -> dict[str, Any]:
    """Load the task, the model and its components, without downloading anything or running the model's own code."""
    library = need("transformers", FLAVOR)
    entry = folder.entry(FLAVOR)
    if "model_binary" not in entry:
        raise InvalidParameter(
            f"The model at {str(folder.path)!r} was saved without its weights (of {entry.get('source_model_name')!r}). "
            "Save it with them."
        )
    name = str(entry.get("pipeline_model_type"))
    kind = getattr(library, name, None)
    if not isinstance(kind, type) or not issubclass(kind, library.PreTrainedModel):
        raise InvalidParameter(f"The model at {str(folder.path)!r} is a {name!r}, which transformers does not have.")
    local = {"local_files_only": True, "trust_remote_code": False}
    parts: dict[str, Any] = {"task": entry.get("task")}
    parts["model"] = kind.from_pretrained(folder.file(entry["model_binary"]), **local)  # type: ignore[attr-defined]
    for part in entry.get("components") or ():
        if part not in _AUTO:
            raise InvalidParameter(f"The model at {str(folder.path)!r} has the unknown component {part!r}.")
        place = folder.file(f"{_COMPONENTS}/{part}")
        parts[part] = getattr(library, _AUTO[part]).from_pretrained(place, **local)
    return parts


def _pipeline(parts: Mapping[str, Any], **options: Any) -> Any:
    given = {name: value for name, value in options.items() if value is not None}
    return need("transformers", FLAVOR).pipeline(**parts, **given)
