"""Scores a file of any size in chunks. The output file appears complete or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from mlyard.batch.on_ray import predict_on_ray
from mlyard.batch.on_spark import predict_on_spark
from mlyard.batch.rows import FORMS, Chunk, failure, form_of, read_chunks, size_of
from mlyard.batch.writers import open_writer, output_form
from mlyard.core.errors import InvalidParameter
from mlyard.models.format.metadata import read_mlmodel
from mlyard.models.pyfunc import PyFuncModel, load_folder

CHUNK_ROWS = 10_000
ENGINES = HERE, RAY, SPARK = "local", "ray", "spark"
Progress = Callable[[int, int], None]
"""Called with the amount of input scored so far, and the size of the input."""
Predictor = Callable[[Iterable[Chunk]], Iterator[Any]]
"""Returns the predictions of chunks, in their order."""


class ScoringJob(msgspec.Struct, frozen=True, kw_only=True):
    """A file to score. ``source``: None is standard input. ``target``: None is standard output."""

    source: Path | None = None
    target: Path | None = None
    form: str | None = None
    target_form: str | None = None
    chunk_rows: int = CHUNK_ROWS


def score(folder: Path, job: ScoringJob, progress: Progress | None = None, engine: str = HERE) -> None:
    """Score a file with the model in ``folder``. ``engine``: local, ray or spark.

    Raises InvalidParameter for input that cannot be read or does not fit the model, and MlyardError when the model
    fails. After an error there is no new output, and an existing output file is unchanged.
    """
    _check(job)
    form, target_form = job.form or form_of(job.source), job.target_form or output_form(job.target)
    with _source(job.source) as source, _target(job.target) as place:
        size = size_of(source, form)
        predict = _predictor(engine, folder)
        signature = read_mlmodel(folder).signature
        chunks = _reported(read_chunks(source, form, job.chunk_rows, signature), size, progress)
        writer = open_writer(place, target_form)
        try:
            for predictions in predict(chunks):
                writer.add(predictions)
        finally:
            writer.close()


def _check(job: ScoringJob) -> None:
    for form in (job.form, job.target_form):
        if form is not None and form not in FORMS:
            raise InvalidParameter(f"The content type {form!r} is not supported: use {', '.join(FORMS)}.")
    if job.chunk_rows < 1:
        raise InvalidParameter(f"--chunk-rows is {job.chunk_rows}: it must be at least 1.")


def _predictor(engine: str, folder: Path) -> Predictor:
    if engine == RAY:
        return partial(predict_on_ray, folder)
    if engine == SPARK:
        return partial(predict_on_spark, folder)
    if engine != HERE:
        raise InvalidParameter(f"The engine {engine!r} is not supported: use {', '.join(ENGINES)}.")
    return partial(predict_here, load_folder(folder))


def predict_here(model: PyFuncModel, chunks: Iterable[Chunk]) -> Iterator[Any]:
    """Score the chunks in this process, one after the other."""
    for chunk in chunks:
        try:
            yield model.answer(chunk.payload)
        except Exception as error:
            raise failure(error, chunk.number) from error


def _reported(chunks: Iterable[Chunk], size: int, progress: Progress | None) -> Iterator[Chunk]:
    """Pass on chunks and report progress. A chunk counts as scored when the next one is requested."""
    for chunk in chunks:
        yield chunk
        if progress:
            progress(chunk.done, size)


@contextmanager
def _source(file: Path | None) -> Iterator[Path]:
    """A file that can be read twice, as JSON needs it. Streams are copied to a temporary file."""
    if file is not None and (file.is_file() or not file.exists()):
        yield file
        return
    if file is not None and file.is_dir():
        raise InvalidParameter(f"The input {str(file)!r} is a folder: pass a file.")
    with tempfile.NamedTemporaryFile(prefix="mlyard-") as spool, _stream(file) as stream:
        shutil.copyfileobj(stream, spool)
        spool.flush()
        yield Path(spool.name)


def _stream(file: Path | None) -> AbstractContextManager[Any]:
    return file.open("rb") if file else nullcontext(sys.stdin.buffer)


@contextmanager
def _target(file: Path | None) -> Iterator[Path]:
    """A temporary file that replaces the target, or is printed, if no error occurred."""
    above = file.parent if file else Path(tempfile.gettempdir())
    if not above.is_dir():
        raise InvalidParameter(f"The output's folder {str(above)!r} does not exist.")
    handle, name = tempfile.mkstemp(prefix=".mlyard-", dir=above)
    os.close(handle)
    place = Path(name)
    try:
        yield place
        if file is None:
            sys.stdout.flush()
            with place.open("rb") as written:
                shutil.copyfileobj(written, sys.stdout.buffer)
            sys.stdout.flush()
            return
        _move(place, file)
    finally:
        place.unlink(missing_ok=True)


def _move(place: Path, file: Path) -> None:
    with place.open("rb+") as stream:
        os.fsync(stream.fileno())
    mask = os.umask(0)
    os.umask(mask)
    place.chmod(0o666 & ~mask)
    place.replace(file)
