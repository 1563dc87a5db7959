"""How the environment of a project is made: from which file, by which manager."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from mlyard.core.errors import InvalidParameter
from mlyard.core.log import logger
from mlyard.core.version import MLFLOW_VERSION
from mlyard.envs import alias, conda, installer, locked, python
from mlyard.envs.asked import MLFLOW, Asked, from_conda, from_lines, is_mlflow
from mlyard.envs.changes import Change, check_strict, summary
from mlyard.envs.environment import CONDA, UV, VIRTUALENV
from mlyard.envs.own import own_arguments, own_digest, own_line
from mlyard.envs.relax import Resolution, resolve
from mlyard.envs.spec import CONDA_FILE, PYTHON_FILE, REQUIREMENTS_FILE, EnvironmentSpec, read_file
from mlyard.envs.uv_resolver import Resolver

CONDA_ENV, PYTHON_ENV, REQUIREMENTS, UV_ENV = "conda_env", "python_env", "requirements", "uv_env"
_FILES = {CONDA_ENV: CONDA_FILE, PYTHON_ENV: PYTHON_FILE, REQUIREMENTS: REQUIREMENTS_FILE}
_EXTRAS = "postgresql,s3,models"  # what scripts need to log to any store, and to log models
_RECORD = ".mlyard-project.json"
_Rows = tuple[Change, ...]
_log = logger("envs")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What describes a project's environment. ``kind``: conda_env, python_env, requirements or uv_env.

    ``file``: the path of the file; of ``pyproject.toml`` for uv_env.
    """

    kind: str
    file: Path


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an environment must be as described, and whether it has MLflow itself rather than mlyard."""

    strict: bool = False
    keep_mlflow: bool = False

    @property
    def oldest(self) -> str:
        """The oldest Python that will do. mlyard is not in an environment that keeps MLflow."""
        return python.OLDEST_OF_ALL if self.keep_mlflow else python.OLDEST


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What tells an environment from others in the cache, and what makes it in a folder."""

    key: str
    make: Callable[[Path], None]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept in a made environment: the table, and all packages with their exact versions."""

    rows: _Rows
    requirements: tuple[str, ...]


def plan_of(wanted: Wanted, manager: str, options: Options) -> Plan:
    """How to make an environment. Raises InvalidParameter for a description that is refused."""
    if wanted.kind == UV_ENV:
        return _of_lock(wanted.file.parent, manager, options)
    if wanted.kind not in _FILES:
        raise InvalidParameter(f"The kind of environment {wanted.kind!r} is not supported: use {', '.join(_FILES)}.")
    spec = read_file(_FILES[wanted.kind], wanted.file)

    def make(place: Path) -> None:
        _log.info("Creating the environment of %s with %s in %s", wanted.file, manager, place)
        _finish(place, _MAKERS[manager](spec, place, options), options)

    return Plan(key=_key(manager, spec.digest(), options), make=make)


def read_record(place: Path) -> Record:
    """What is known of a made environment."""
    return msgspec.json.decode((place / _RECORD).read_bytes(), type=Record)


def _of_lock(folder: Path, manager: str, options: Options) -> Plan:
    if manager != UV:
        raise InvalidParameter(f"The environment of a uv.lock is made by uv: use --env-manager uv, not {manager}.")

    def make(place: Path) -> None:
        _log.info("Creating the environment of %s in %s", folder / locked.LOCK_FILE, place)
        own = [] if options.keep_mlflow else own_arguments(_EXTRAS)
        rows = locked.make(folder, place, own, with_mlflow=options.keep_mlflow)
        if options.strict:
            check_strict(rows)
        _finish(place, rows, options)

    return Plan(key=_key(UV_ENV, locked.digest(folder), options), make=make)


def _key(kind: str, content: str, options: Options) -> str:
    mlflow = "kept" if options.keep_mlflow else f"{MLFLOW_VERSION} {own_digest()} {_EXTRAS}"
    return f"project {kind} {content} {mlflow}"


def _finish(place: Path, rows: _Rows, options: Options) -> None:
    site = installer.site_packages(place)
    requirements = installer.frozen(site)
    if not options.keep_mlflow:
        alias.install(site)
    (place / _RECORD).write_bytes(msgspec.json.encode(Record(rows=rows, requirements=requirements)))


def _with_uv(spec: EnvironmentSpec, place: Path, options: Options) -> _Rows:
    interpreter = installer.choose_with_uv(spec.python, options.oldest)
    found = _resolved(spec, interpreter, options)
    installer.make_with_uv(interpreter, place, found.lines)
    return found.rows


def _with_venv(spec: EnvironmentSpec, place: Path, options: Options) -> _Rows:
    interpreter = installer.choose_installed(spec.python, options.oldest)
    found = _resolved(spec, interpreter, options)
    installer.make_with_venv(interpreter, place, found.lines)
    return found.rows


def _with_conda(spec: EnvironmentSpec, place: Path, options: Options) -> _Rows:
    """Conda takes the file as it is, build strings included."""
    if options.keep_mlflow:
        conda.build(spec, place, [])
        return ()
    packages = tuple(text for text in spec.conda_packages if not any(map(is_mlflow, from_conda([text]))))
    spec = msgspec.structs.replace(spec.without(*MLFLOW), conda_packages=packages)
    conda.build(spec, place, own_arguments(_EXTRAS))
    return ()


_MAKERS: Mapping[str, Callable[[EnvironmentSpec, Path, Options], _Rows]] = {
    UV: _with_uv,
    VIRTUALENV: _with_venv,
    CONDA: _with_conda,
}


def _resolved(spec: EnvironmentSpec, interpreter: installer.Interpreter, options: Options) -> Resolution:
    """The lines to install, mlyard's own among them, and the whole table. Raises InvalidParameter if it is strict."""
    own = () if options.keep_mlflow else (own_line(_EXTRAS),)
    asked = _asked(spec)
    mlflow = [] if options.keep_mlflow else [each for each in asked if is_mlflow(each)]
    resolver = Resolver(python=interpreter.path, own=own, constraints=spec.requirements.constraints)
    found = resolve([each for each in asked if each not in mlflow], resolver)
    rows = (*_python_row(interpreter), *map(_mlflow_row, mlflow), *found.rows)
    _log.info("The packages that the project asks for: %s. Installing %d.", summary(rows), len(found.lines))
    if options.strict:
        check_strict(rows)
    return Resolution(lines=(*own, *found.lines), rows=rows)


def _asked(spec: EnvironmentSpec) -> list[Asked]:
    """The packages of both lists. As with conda, pip's list is installed last, so it wins."""
    lines = from_lines(spec.requirements.lines)
    files = [Asked(text=file.name, line=file.as_uri()) for file in spec.requirements.files]
    named = {each.name for each in lines}
    return [*(each for each in from_conda(spec.conda_packages) if each.name not in named), *lines, *files]


def _python_row(interpreter: installer.Interpreter) -> list[Change]:
    if interpreter.asked is None:
        return []
    asked, version = interpreter.asked, interpreter.version
    reasons = [f"mlyard needs Python {interpreter.wanted} or newer"] if asked != interpreter.wanted else []
    if version != interpreter.wanted:
        reasons.append(f"Python {interpreter.wanted} was not found, and this is the nearest")
    return [
        Change(asked=f"python={asked}", got=f"python=={version}", why="; ".join(reasons), is_exact=asked == version)
    ]


def _mlflow_row(asked: Asked) -> Change:
    return Change(asked=asked.text, got=alias.description(), why="--keep-mlflow installs MLflow", is_exact=True)
