"""The fluent functions that log artifacts to the active run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mlyard.client.artifact_uris import download_artifacts
from mlyard.client.client import MlyardClient
from mlyard.client.fluent import target
from mlyard.client.fluent_experiments import active_experiment
from mlyard.domain.uris import join

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "delete_artifacts",
    "download_artifacts",
    "get_artifact_uri",
    "load_table",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_stream",
    "log_table",
    "log_text",
]


def log_artifact(local_path: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Upload a file, or the content of a folder, to the artifacts of a run.

    Args:
        local_path: File or folder on this machine.
        artifact_path: Folder in the run's artifacts to upload to. Default: their root.
        run_id: Run to log to. Default: the active run, which is started if there is none.

    Raises:
        InvalidParameter: There is nothing at ``local_path``, or ``artifact_path`` is not valid.
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> from pathlib import Path
        >>> _ = Path("notes.txt").write_text("hello")
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_artifact("notes.txt", "docs")
        >>> [file.path for file in mlyard.MlyardClient().list_artifacts(run.info.run_id, "docs")]
        ['docs/notes.txt']
    """
    client, run = target(run_id)
    client.log_artifact(run, local_path, artifact_path)


def log_artifacts(local_dir: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Upload the content of a folder to the artifacts of a run.

    Args:
        local_dir: Folder on this machine. Links that lead out of it are not followed.
        artifact_path: Folder in the run's artifacts to upload to. Default: their root.
        run_id: Run to log to. Default: the active run, which is started if there is none.

    Raises:
        InvalidParameter: There is nothing at ``local_dir``, or ``artifact_path`` is not valid.
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> from pathlib import Path
        >>> Path("plots").mkdir()
        >>> _ = Path("plots/loss.csv").write_text("step,loss")
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_artifacts("plots", "plots")
        >>> [file.path for file in mlyard.MlyardClient().list_artifacts(run.info.run_id, "plots")]
        ['plots/loss.csv']
    """
    client, run = target(run_id)
    client.log_artifacts(run, local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Write a text as an artifact, in UTF-8.

    Args:
        text: Content of the file.
        artifact_file: Path of the file in the run's artifacts; an existing file is replaced.
        run_id: Run to log to. Default: the active run, which is started if there is none.

    Raises:
        InvalidParameter: The path is not valid.
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_text("hello", "notes/hello.txt")
        >>> mlyard.artifacts.load_text(f"runs:/{run.info.run_id}/notes/hello.txt")
        'hello'
    """
    client, run = target(run_id)
    client.log_text(run, text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Write a dictionary as a JSON or YAML artifact.

    Args:
        dictionary: Content of the file. For JSON, values of other types are written as their ``str()``.
        artifact_file: Path of the file in the run's artifacts: YAML if it ends in ``.yml`` or ``.yaml``, else JSON. An
            existing file is replaced.
        run_id: Run to log to. Default: the active run, which is started if there is none.

    Raises:
        InvalidParameter: The path is not valid.
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_dict({"alpha": 0.5}, "settings.yaml")
        >>> mlyard.artifacts.load_text(f"runs:/{run.info.run_id}/settings.yaml").strip()
        'alpha: 0.5'
    """
    client, run = target(run_id)
    client.log_dict(run, dictionary, artifact_file)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Return where the artifacts of the active run are stored; a run is started if there is none.

    Args:
        artifact_path: Path of a file or folder in the artifacts; it need not exist. Default: their root.

    Returns:
        The URI, or a local path.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.get_artifact_uri("model") == f"{run.info.artifact_uri}/model"
        True
    """
    client, run_id = target()
    root = client.get_run(run_id).info.artifact_uri
    return join(root, artifact_path.strip("/")) if artifact_path else root


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,
) -> None:
    """Write an image as an artifact of the active run: as a file, or as one step of a series.

    Give exactly one of ``artifact_file`` and ``key``. A series is stored in ``images/``, each step as PNG and as a
    small WebP for previews.

    Args:
        image: Pillow image, or array of shape (height, width) or (height, width, channels) with 1, 3 or 4 channels, of
            booleans, integers from 0 to 255 or floats from 0 to 1.
        artifact_file: Path of the file in the run's artifacts; its ending says the format. Default: a series.
        key: Name of the series. Default: a file.
        step: Position in the series. Default: 0.
        timestamp: Time of the step in milliseconds since 1970. Default: now.
        synchronous: Has no effect: the image is stored when the call returns. MLflow has it. Default: False.

    Raises:
        InvalidParameter: The image, the path or the key is not valid, or not exactly one of the two is given.

    Example:
        >>> import mlyard
        >>> import numpy as np
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_image(np.zeros((2, 3)), "black.png")
        >>> mlyard.artifacts.load_image(f"runs:/{run.info.run_id}/black.png").size
        (3, 2)
    """
    client, run_id = target()
    client.log_image(run_id, image, artifact_file, key, step, timestamp)


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None) -> None:
    """Write a figure of matplotlib or plotly as an artifact of the active run.

    Args:
        figure: The figure.
        artifact_file: Path of the file in the run's artifacts; its ending says the format, such as ``.png``, ``.svg``,
            or ``.html`` for plotly.
        save_kwargs: Options for the library's function that writes the figure. Default: none.

    Raises:
        InvalidParameter: The path is not valid, or the figure is not one of these libraries'.

    Example:
        >>> import mlyard
        >>> class Figure:  # stands for a figure of matplotlib
        ...     def savefig(self, file, format):
        ...         _ = file.write(b"pixels")
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_figure(Figure(), "loss.png")
        >>> mlyard.artifacts.load_text(f"runs:/{run.info.run_id}/loss.png")
        'pixels'
    """
    client, run_id = target()
    client.log_figure(run_id, figure, artifact_file, save_kwargs=save_kwargs)


def log_stream(stream: BinaryIO, artifact_file: str, run_id: str | None = None) -> None:
    """Write the content of a binary stream as an artifact, piece by piece: memory does not grow with its size.

    Args:
        stream: Object with ``read(size)`` that returns bytes, such as an open file.
        artifact_file: Path of the file in the run's artifacts; an existing file is replaced.
        run_id: Run to log to. Default: the active run, which is started if there is none.

    Raises:
        InvalidParameter: The path is not valid, or the stream is not a binary one.
        DoesNotExist: No run has this id.

    Example:
        >>> import io
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_stream(io.BytesIO(b"hello"), "hello.txt")
        >>> mlyard.artifacts.load_text(f"runs:/{run.info.run_id}/hello.txt")
        'hello'
    """
    client, run = target(run_id)
    client.log_stream(run, stream, artifact_file)


def log_table(data: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Write a table as a JSON artifact; rows are added to a table that exists.

    Args:
        data: Data frame, or dictionary of columns; a dictionary of single values is one row. Images in cells become
            files of their own.
        artifact_file: Path of the table in the run's artifacts, ending in ``.json``.
        run_id: Run to log to. Default: the active run, which is started if there is none.

    Raises:
        InvalidParameter: The path is not valid, the data is not a table, or the existing file is not one.
        DoesNotExist: No run has this id.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run():
        ...     mlyard.log_table({"question": ["1 + 1"], "answer": ["2"]}, "answers.json")
        ...     mlyard.log_table({"question": "2 + 2", "answer": "4"}, "answers.json")
        >>> mlyard.load_table("answers.json")["answer"].tolist()
        ['2', '4']
    """
    client, run = target(run_id)
    client.log_table(run, data, artifact_file)


def load_table(
    artifact_file: str, run_ids: Sequence[str] | str | None = None, extra_columns: Sequence[str] | str | None = None
) -> pd.DataFrame:
    """Read the tables of one name from runs of the active experiment, joined into one.

    Args:
        artifact_file: Path of the table in each run's artifacts.
        run_ids: Runs to read from. Default: all runs of the active experiment.
        extra_columns: Attributes, params, metrics or tags of each run to add as columns, such as ``["run_id"]``.
            Default: none.

    Returns:
        A data frame with the rows of all tables.

    Raises:
        DoesNotExist: No run has such a table, or no run has one of the ids.
        InvalidParameter: An artifact is not a table, or a run lacks one of the extra columns.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run(run_name="first"):
        ...     mlyard.log_table({"answer": ["2", "4"]}, "answers.json")
        >>> mlyard.load_table("answers.json", extra_columns=["run_name"])["run_name"].tolist()
        ['first', 'first']
    """
    client = MlyardClient()
    return client.load_table(active_experiment(client), artifact_file, run_ids, extra_columns)


def delete_artifacts(artifact_path: str, run_id: str | None = None) -> None:
    """Remove a file or a folder from the artifacts of a run.

    Args:
        artifact_path: Path of the file or folder in the run's artifacts.
        run_id: Run that has it. Default: the active run, which is started if there is none.

    Raises:
        DoesNotExist: There is no such artifact, or no run has this id.
        InvalidParameter: The path is not valid.

    Example:
        >>> import mlyard
        >>> with mlyard.start_run() as run:
        ...     mlyard.log_text("hello", "hello.txt")
        ...     mlyard.delete_artifacts("hello.txt")
        >>> mlyard.MlyardClient().list_artifacts(run.info.run_id)
        []
    """
    client, run = target(run_id)
    client.delete_artifacts(run, artifact_path)
