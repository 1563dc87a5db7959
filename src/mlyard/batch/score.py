"""Scoring a file of any size: rows in, predictions out, in chunks; the output appears whole or not at all."""

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

from mlyard.batch.answers import answer_form, open_answers
from mlyard.batch.on_ray import predict_on_ray
from mlyard.batch.on_spark import predict_on_spark
from mlyard.batch.rows import FORMS, Chunk, failure, form_of, read_chunks, size_of
from mlyard.core.errors import InvalidParameter
from mlyard.models.format.metadata import read_mlmodel
from mlyard.models.pyfunc import PyFuncModel, load_folder

CHUNK_ROWS = 10_000
ENGINES = HERE, RAY, SPARK = "local", "ray", "spark"
Progress = Callable[[int, int], None]
"""Called with how much of the input was scored, and with its size."""
Predictor = Callable[[Iterable[Chunk]], Iterator[Any]]
"""Predictions of chunks, in their order."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """``source``: None is standard input; ``target``: None is standard output. Forms: csv, json, jsonl, parquet."""

    source: Path | None = None
    target: Path | None = None
    form: str | None = None
    target_form: str | None = None
    chunk_rows: int = CHUNK_ROWS


def score(folder: Path, batch: Batch, progress: Progress | None = None, engine: str = HERE) -> None:
    """Score with the model in ``folder``; ``engine``: local, ray or spark.

    Raises InvalidParameter for input that cannot be read or is not what the model takes, and MlyardError when the
    model fails; then there is no output, and an output that was there stays.
    """
    _check(batch)
    form, target_form = batch.form or form_of(batch.source), batch.target_form or answer_form(batch.target)
    with _source(batch.source) as source, _target(batch.target) as place:
        size = size_of(source, form)
        predict = _predictor(engine, folder)
        schema = read_mlmodel(folder).get_input_schema()
        chunks = _noted(read_chunks(source, form, batch.chunk_rows, schema), size, progress)
        answers = open_answers(place, target_form)
        try:
            for predictions in predict(chunks):
                answers.add(predictions)
        finally:
            answers.close()


def _check(batch: Batch) -> None:
    for form in (batch.form, batch.target_form):
        if form is not None and form not in FORMS:
            raise InvalidParameter(f"The content type {form!r} is not supported: use {', '.join(FORMS)}.")
    if batch.chunk_rows < 1:
        raise InvalidParameter(f"--chunk-rows is {batch.chunk_rows}: a chunk has at least one row.")


def _predictor(engine: str, folder: Path) -> Predictor:
    if engine == RAY:
        return partial(predict_on_ray, folder)
    if engine == SPARK:
        return partial(predict_on_spark, folder)
    if engine != HERE:
        raise InvalidParameter(f"The engine {engine!r} is not supported: use {', '.join(ENGINES)}.")
    return partial(predict_here, load_folder(folder))


def predict_here(model: PyFuncModel, chunks: Iterable[Chunk]) -> Iterator[Any]:
    """In this process, one chunk after the other."""
    for chunk in chunks:
        try:
            yield model.predict(chunk.data, chunk.params)
        except Exception as error:
            raise failure(error, chunk.number) from error


def _noted(chunks: Iterable[Chunk], size: int, progress: Progress | None) -> Iterator[Chunk]:
    """A chunk counts when the next one is asked for: it was scored then."""
    for chunk in chunks:
        yield chunk
        if progress:
            progress(chunk.done, size)


@contextmanager
def _source(file: Path | None) -> Iterator[Path]:
    """A file that can be read twice, for JSON says at its end what holds for all: streams are kept in one."""
    if file is not None and (file.is_file() or not file.exists()):
        yield file
        return
    if file is not None and file.is_dir():
        raise InvalidParameter(f"The input {str(file)!r} is a folder: give a file.")
    with tempfile.NamedTemporaryFile(prefix="mlyard-") as spool, _stream(file) as stream:
        shutil.copyfileobj(stream, spool)
        spool.flush()
        yield Path(spool.name)


def _stream(file: Path | None) -> AbstractContextManager[Any]:
    return file.open("rb") if file else nullcontext(sys.stdin.buffer)


@contextmanager
def _target(file: Path | None) -> Iterator[Path]:
    """A file that takes the target's place, or is printed, when all went well."""
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
