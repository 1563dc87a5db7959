"""The client's calls that log images, figures, tables and streams as artifacts, and load tables."""

from __future__ import annotations

import io
import re
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mlyard.artifacts.content import CHUNK
from mlyard.artifacts.paths import check_file_path
from mlyard.client import images, tables
from mlyard.client.arguments import several
from mlyard.client.artifacts import ArtifactCalls
from mlyard.client.values import whole
from mlyard.core.clock import now_ms
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.forks import Own
from mlyard.core.lazy import need
from mlyard.core.unicode import check_unicode
from mlyard.domain.list_tags import TAG_LOGGED_TABLES
from mlyard.domain.page import ScopedQuery
from mlyard.domain.runs import Run, RunBatch, RunTag

if TYPE_CHECKING:
    import pandas as pd

TAG_IMAGES = "mlflow.loggedImages"
# A table is read, extended and written under one of these. Tables may share one: they only wait for each other.
_locks = Own(lambda: [threading.Lock() for _ in range(64)])
_IMAGE_KEY = re.compile(r"[\w\-. /]+")


class MediaCalls(ArtifactCalls):
    """Calls that log objects in memory as artifacts."""

    def log_image(
        self,
        run_id: str,
        image: Any,
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
        timestamp: int | None = None,
        synchronous: bool | None = None,
    ) -> None:
        """Write an image as an artifact of a run: as a file, or as one step of a series.

        Give exactly one of ``artifact_file`` and ``key``. A series is stored in ``images/``, each step as PNG and as a
        small WebP for previews.

        Args:
            run_id: Run to log to.
            image: Pillow image, or array of shape (height, width) or (height, width, channels) with 1, 3 or 4 channels,
                of booleans, integers from 0 to 255 or floats from 0 to 1.
            artifact_file: Path of the file in the run's artifacts; its ending says the format. Default: a series.
            key: Name of the series. Default: a file.
            step: Position in the series. Default: 0.
            timestamp: Time of the step in milliseconds since 1970. Default: now.
            synchronous: Has no effect: the image is stored when the call returns. MLflow has it. Default: None.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The image, the path or the key is not valid, or not exactly one of the two is given.

        Example:
            >>> import numpy as np
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_image(run_id, np.zeros((2, 3)), key="mask", step=1, timestamp=0)
            >>> [file.path for file in client.list_artifacts(run_id, "images")]
            ['images/mask+step+1+timestamp+0+...compressed.webp', 'images/mask+step+1+timestamp+0+....png']
        """
        if (artifact_file is None) == (key is None):
            raise InvalidParameter("Give exactly one of `artifact_file` (a file) and `key` (an image over steps).")
        picture = images.picture(image)
        if artifact_file is not None:
            check_file_path(artifact_file)
            self._put(run_id, artifact_file, images.encoded(picture, Path(artifact_file).suffix or ".png"))
            return
        stem = f"images/{_image_name(key or '', step, timestamp)}"
        self._put(run_id, f"{stem}.png", images.encoded(picture, ".png"))
        self._put(run_id, f"{stem}+compressed.webp", images.encoded(images.thumbnail(picture), ".webp"))
        self._tag(run_id, TAG_IMAGES, "True")

    def log_figure(
        self, run_id: str, figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None
    ) -> None:
        """Write a figure of matplotlib or plotly as an artifact of a run.

        Args:
            run_id: Run to log to.
            figure: The figure.
            artifact_file: Path of the file in the run's artifacts; its ending says the format, such as ``.png``,
                ``.svg``, or ``.html`` for plotly.
            save_kwargs: Options for the library's function that writes the figure. Default: none.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The path is not valid, or the figure is not one of these libraries'.

        Example:
            >>> import mlyard
            >>> class Figure:  # stands for a figure of matplotlib
            ...     def savefig(self, file, format):
            ...         _ = file.write(b"pixels")
            >>> client = mlyard.MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_figure(run_id, Figure(), "loss.png")
            >>> mlyard.artifacts.load_text(f"runs:/{run_id}/loss.png")
            'pixels'
        """
        check_file_path(artifact_file)
        options = dict(save_kwargs or {})
        ending = Path(artifact_file).suffix.lower()
        if hasattr(figure, "savefig"):
            buffer = io.BytesIO()
            figure.savefig(buffer, **{"format": ending.lstrip(".") or "png", **options})
            self._put(run_id, artifact_file, buffer.getvalue())
        elif hasattr(figure, "write_html") and ending == ".html":
            text = figure.to_html(**{"include_plotlyjs": "cdn", "auto_open": False, **options})
            check_unicode(text, f"Figure {artifact_file}")
            self._put(run_id, artifact_file, text.encode())
        elif hasattr(figure, "to_image"):
            self._put(run_id, artifact_file, figure.to_image(format=ending.lstrip(".") or "png", **options))
        else:
            kind = type(figure).__name__
            raise InvalidParameter(f"log_figure takes figures of matplotlib and plotly, not a {kind}.")

    def log_stream(self, run_id: str, stream: BinaryIO, artifact_file: str) -> None:
        """Write the content of a binary stream as an artifact, piece by piece: memory does not grow with its size.

        Args:
            run_id: Run to log to.
            stream: Object with ``read(size)`` that returns bytes, such as an open file.
            artifact_file: Path of the file in the run's artifacts; an existing file is replaced.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The path is not valid, or the stream is not a binary one.

        Example:
            >>> import io
            >>> import mlyard
            >>> client = mlyard.MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_stream(run_id, io.BytesIO(b"hello"), "hello.txt")
            >>> mlyard.artifacts.load_text(f"runs:/{run_id}/hello.txt")
            'hello'
        """
        self._put(run_id, artifact_file, _pieces(stream, artifact_file))

    def log_table(self, run_id: str, data: Any, artifact_file: str) -> None:
        """Write a table as a JSON artifact; rows are added to a table that exists.

        Threads may add to the same table at the same time, but several processes may not: rows could get lost.

        Args:
            run_id: Run to log to.
            data: Data frame, or dictionary of columns; a dictionary of single values is one row. Images in cells become
                files of their own.
            artifact_file: Path of the table in the run's artifacts, ending in ``.json``.

        Raises:
            DoesNotExist: No run has this id.
            InvalidParameter: The path is not valid, the data is not a table, or the existing file is not one.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0").info.run_id
            >>> client.log_table(run_id, {"question": ["1 + 1"], "answer": ["2"]}, "answers.json")
            >>> client.log_table(run_id, {"question": "2 + 2", "answer": "4"}, "answers.json")
            >>> client.load_table("0", "answers.json")["answer"].tolist()
            ['2', '4']
        """
        check_file_path(artifact_file)
        if Path(artifact_file).suffix not in {"", ".json"}:
            raise InvalidParameter(f"Invalid path {artifact_file!r} of a table: it must end in .json.")
        frame = tables.frame_of(data, lambda picture: self._table_image(run_id, artifact_file, picture))
        with _lock_of(run_id, artifact_file):
            before = self._table(run_id, artifact_file)
            if before is not None:
                frame = need("pandas", "models").concat([before, frame], ignore_index=True)
            self._put(run_id, artifact_file, tables.encoded(frame))
        self._tracking.store.runs.add_to_tag(run_id, TAG_LOGGED_TABLES, tables.entry_of(artifact_file))

    def load_table(
        self,
        experiment_id: str,
        artifact_file: str,
        run_ids: Sequence[str] | str | None = None,
        extra_columns: Sequence[str] | str | None = None,
    ) -> pd.DataFrame:
        """Read the tables of one name from runs of an experiment, joined into one.

        Args:
            experiment_id: Experiment whose runs are read.
            artifact_file: Path of the table in each run's artifacts.
            run_ids: Runs to read from. Default: all runs of the experiment.
            extra_columns: Attributes, params, metrics or tags of each run to add as columns, such as ``["run_id"]``.
                Default: none.

        Returns:
            A data frame with the rows of all tables.

        Raises:
            DoesNotExist: No run has such a table, or no run has one of the ids.
            InvalidParameter: An artifact is not a table, or a run lacks one of the extra columns.

        Example:
            >>> from mlyard import MlyardClient
            >>> client = MlyardClient()
            >>> run_id = client.create_run("0", run_name="first").info.run_id
            >>> client.log_table(run_id, {"answer": ["2", "4"]}, "answers.json")
            >>> client.load_table("0", "answers.json", extra_columns=["run_name"])["run_name"].tolist()
            ['first', 'first']
        """
        found = [
            tables.with_columns(frame, run, several(extra_columns))
            for run in self._runs_with_tables(experiment_id, artifact_file, run_ids)
            if (frame := self._table(run.info.run_id, artifact_file)) is not None
        ]
        if not found:
            raise DoesNotExist(
                f"None of the searched runs of experiment {experiment_id} has a table {artifact_file!r}."
            )
        return need("pandas", "models").concat(found, ignore_index=True)  # type: ignore[no-any-return]  # imported lazily

    def _runs_with_tables(self, experiment_id: str, path: str, run_ids: Sequence[str] | str | None) -> Iterator[Run]:
        if run_ids is not None:
            yield from (self._tracking.store.runs.get(run_id) for run_id in several(run_ids))
            return
        token: str | None = None
        while True:
            query = ScopedQuery(
                experiment_ids=(str(experiment_id),),
                filter=f"tags.\"{TAG_LOGGED_TABLES}\" LIKE '%table%'",
                page_token=token,
            )
            page = self._tracking.store.runs.search(query)
            yield from (run for run in page if tables.may_have(run.data.tags.get(TAG_LOGGED_TABLES, ""), path))
            token = page.token
            if not token:
                return

    def _table(self, run_id: str, path: str) -> pd.DataFrame | None:
        try:
            with self._artifacts_of(run_id)[1].open(path) as artifact:
                return tables.decoded(b"".join(artifact.chunks))
        except DoesNotExist:
            return None

    def _table_image(self, run_id: str, table: str, image: Any) -> dict[str, str]:
        """Store a picture as files beside the table; the result, their paths, is what the table's cell holds."""
        stem = f"{table.removesuffix('.json')}/images/{uuid.uuid4()}"
        picture = images.picture(image)
        paths = {"type": "image", "filepath": f"{stem}.png", "compressed_filepath": f"{stem}+compressed.webp"}
        self._put(run_id, paths["filepath"], images.encoded(picture, ".png"))
        self._put(run_id, paths["compressed_filepath"], images.encoded(images.thumbnail(picture), ".webp"))
        return paths

    def _tag(self, run_id: str, key: str, value: str) -> None:
        self._tracking.store.runs.log_batch(run_id, RunBatch(tags=(RunTag(key=key, value=value),)))


def _lock_of(run_id: str, path: str) -> threading.Lock:
    locks = _locks.get()
    return locks[hash((run_id, path)) % len(locks)]


def _image_name(key: str, step: int | None, timestamp: int | None) -> str:
    """The file name as MLflow writes it, from which readers take key, step and time. Raises InvalidParameter."""
    if not _IMAGE_KEY.fullmatch(key):
        raise InvalidParameter(
            f"Invalid image key {key!r}: use letters, digits, underscores, dashes, periods, spaces and slashes."
        )
    moment = now_ms() if timestamp is None else whole(timestamp, "timestamp", f"image {key!r}")
    position = 0 if step is None else whole(step, "step", f"image {key!r}")
    return f"{key.replace('/', '~')}+step+{position}+timestamp+{moment}+{uuid.uuid4()}"


def _pieces(stream: BinaryIO, path: str) -> Iterator[bytes]:
    read = getattr(stream, "read", None)
    if read is None:
        raise InvalidParameter(f"log_stream takes a binary stream for {path!r}, not a {type(stream).__name__}.")
    while piece := read(CHUNK):
        if not isinstance(piece, bytes):
            raise InvalidParameter(f"The stream for {path!r} returns {type(piece).__name__}: open it in binary mode.")
        yield piece
