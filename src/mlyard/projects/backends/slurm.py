"""The backend ``slurm``: a batch job. The job's machine must see the same files and have mlyard installed."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from mlyard.core import settings
from mlyard.core.errors import InvalidParameter, MlyardError
from mlyard.core.log import logger
from mlyard.domain.runs import FAILED, FINISHED, KILLED
from mlyard.projects.address import ZIP
from mlyard.projects.backends.config import Waiting, typed
from mlyard.projects.backends.following import Followed, State, call, require
from mlyard.projects.backends.handover import COMMAND, handed_over, is_of_this_machine, tracking_variables
from mlyard.projects.backends.port import Ending, Job, Task

_WAITING = {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"}
_BY_ITSELF = {"COMPLETED": FINISHED, "FAILED": FAILED}
_BY_SLURM = {
    "CANCELLED": KILLED, "PREEMPTED": KILLED, "TIMEOUT": KILLED, "DEADLINE": KILLED, "REVOKED": KILLED,
    "BOOT_FAIL": FAILED, "NODE_FAIL": FAILED, "OUT_OF_MEMORY": FAILED,
}  # fmt: skip
_OPTION = re.compile(r"[a-z][a-z0-9-]*")
_log = logger("projects")


class SlurmConfig(Waiting, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What can be configured. ``options``: other long options of ``sbatch``. ``lines``: put before the command."""

    partition: str | None = None
    time: str | int | None = None
    gpus: str | int | None = None
    mem: str | int | None = None
    options: Mapping[str, str | int | bool] = {}
    lines: tuple[str, ...] = ()


class SlurmBackend:
    """Runs commands as batch jobs of Slurm."""

    def check(self, job: Job, tracking_uri: str) -> None:
        """Raise InvalidParameter for an invalid config, and without Slurm's commands."""
        config = typed(job.config, SlurmConfig, "slurm")
        list(_options(config))
        require("sbatch")
        if config.tracking_uri is None and is_of_this_machine(tracking_uri):
            _log.warning("The tracking store is on this machine: a job on another one may not reach it.")

    def submit(self, task: Task) -> Followed:
        """Submit a batch job that continues the run."""
        config = typed(task.job.config, SlurmConfig, "slurm")
        log = _log_file(task.run_id)
        script = task.folder / "job.sh"
        script.write_text(_script(config), encoding="utf-8")
        answer = call(
            ["sbatch", "--parsable", "--export=ALL", "--no-requeue", f"--job-name=mlyard-{task.run_id[:8]}",
             f"--output={str(log).replace('%', '%%')}", "--open-mode=truncate", f"--chdir={Path.cwd()}",
             *_options(config), "--", str(script)],
            variables={**os.environ, **tracking_variables(task, config), **handed_over(task, *_place(task.job))},
        )  # fmt: skip
        return Followed(task, SlurmJob(answer.strip().partition(";")[0], log), config)


class SlurmJob:
    """A batch job."""

    def __init__(self, number: str, log: Path) -> None:
        self.id = number
        self._file = log

    def state(self) -> State | None:
        """Its state: of the queue, or of the accounting, which keeps it for longer."""
        try:
            answer = call(["squeue", "--noheader", "--states=all", f"--jobs={self.id}", "--format=%T|%r"])
        except MlyardError as error:
            if "Invalid job id" not in error.message:
                raise
            answer = ""
        text = answer.strip() or self._accounted()
        return self._read(*text.partition("|")[::2]) if text else None

    def _accounted(self) -> str:
        """What the accounting knows; many clusters have none."""
        asked = ["sacct", "--noheader", "--parsable2", "--allocations", f"--jobs={self.id}", "--format=State"]
        try:
            return call(asked).strip()
        except MlyardError as error:
            _log.debug("Slurm's accounting cannot be read: %s", error.message)
            return ""

    def _read(self, words: str, reason: str) -> State:
        name = words.split(maxsplit=1)[0]  # such as CANCELLED by 1000
        text = f"{name} ({reason})" if reason not in {"", "None"} else name
        if name in _BY_ITSELF:
            ending = Ending(_BY_ITSELF[name], None if name == "COMPLETED" else f"The job {self.id} is {text}.")
            return State(text=text, has_started=True, ending=ending, has_own_end=True)
        if name in _BY_SLURM:
            ending = Ending(_BY_SLURM[name], f"Slurm ended the job {self.id}: it is {text}.")
            return State(text=text, has_started=True, ending=ending)
        return State(text=text, has_started=name not in _WAITING)

    def output(self) -> str:
        """What is in its log file."""
        try:
            return self._file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise MlyardError(f"{self._file} cannot be read: {error}") from None

    def cancel(self) -> None:
        """Have Slurm end it: SIGTERM, and after a while SIGKILL."""
        call(["scancel", self.id])

    def discard(self) -> None:
        """Remove its log file."""
        self._file.unlink(missing_ok=True)


def _place(job: Job) -> tuple[str, str | None]:
    """Where the job finds the project: at the same address, and at the exact commit, which is in the shared cache."""
    if job.address.kind == ZIP:
        return job.uri if "://" in job.uri else str(Path(job.uri).resolve()), None
    return (job.source.name, job.source.commit) if job.source.copy else (str(job.source.folder), None)


def _log_file(run_id: str) -> Path:
    cache = Path(settings.PROJECT_CACHE.get()).expanduser().absolute()
    for folder in (cache, cache / "jobs"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return cache / "jobs" / f"{run_id}.log"


def _options(config: SlurmConfig) -> Iterator[str]:
    named = {"partition": config.partition, "time": config.time, "gpus": config.gpus, "mem": config.mem}
    given = {**{name: value for name, value in named.items() if value is not None}, **config.options}
    for name, value in given.items():
        if not _OPTION.fullmatch(name):
            raise InvalidParameter(f"Invalid option {name!r} of sbatch: write its long name without dashes.")
        if value is True:
            yield f"--{name}"
        elif value is not False:
            yield f"--{name}={value}"


def _script(config: SlurmConfig) -> str:
    command = shlex.join([config.python or sys.executable, *COMMAND])
    return "".join(f"{line}\n" for line in ("#!/bin/bash", *config.lines, f"exec {command}"))
