"""A stand-in for Slurm's commands, for machines without Slurm: it runs a batch script as a process of this machine.

Started as sbatch, squeue, sacct or scancel. What it keeps of its jobs is in the folder STAND_IN_SLURM: the state of the
job 1 in the file 1, which a test may write as well, and its process group in the file 1.pid.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

FOLDER = Path(os.environ["STAND_IN_SLURM"])
QUEUED = ("PENDING", "RUNNING")


def sbatch(options: dict[str, str], script: str) -> None:
    if options.get("partition") == "closed":
        sys.exit("sbatch: error: Batch job submission failed: Requested partition is in an inactive state")
    number = str(len(list(FOLDER.glob("*.sh"))) + 1)
    copy = Path(shutil.copy(script, FOLDER / f"{number}.sh"))
    (FOLDER / f"{number}.options").write_text("\n".join(f"{name}={value}" for name, value in options.items()))
    if options.get("partition") == "full":
        (FOLDER / number).write_text("PENDING|Resources")
    else:
        (FOLDER / number).write_text("RUNNING|None")
        log = Path(options["output"].replace("%%", "%")).open("wb")  # noqa: SIM115 - the job writes to it
        job = subprocess.Popen(
            [sys.executable, __file__, "run", number, str(copy)], cwd=options["chdir"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        (FOLDER / f"{number}.pid").write_text(str(job.pid))
    print(number if "cluster" not in options else f"{number};{options['cluster']}")


def run(number: str, script: str) -> None:
    """What a node does: run the script, and note how it has ended."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # it is for the job; a handler, other than SIG_IGN, is not inherited
    code = subprocess.run(["bash", script], env=os.environ | {"SLURM_JOB_ID": number}, check=False).returncode
    if (FOLDER / f"{number}.cancelled").exists():
        (FOLDER / number).write_text("CANCELLED by 1000|None")
    elif (FOLDER / number).read_text().startswith(QUEUED):  # a test has written nothing else
        (FOLDER / number).write_text("COMPLETED|None" if code == 0 else "FAILED|NonZeroExitCode")


def squeue(number: str) -> None:
    text = (FOLDER / number).read_text() if (FOLDER / number).exists() else ""
    if text == "BROKEN":
        sys.exit("slurm_load_jobs error: Unable to contact slurm controller (connect failure)")
    if not text or text.startswith("ACCOUNTED|"):
        sys.exit("slurm_load_jobs error: Invalid job id specified")
    print(text)


def sacct(number: str) -> None:
    text = (FOLDER / number).read_text() if (FOLDER / number).exists() else ""
    if not text:
        sys.exit("Slurm accounting storage is disabled")
    print(text.removeprefix("ACCOUNTED|"))


def scancel(number: str) -> None:
    place = FOLDER / f"{number}.pid"
    if not place.exists():
        (FOLDER / number).write_text("CANCELLED by 1000|None")
        return
    (FOLDER / f"{number}.cancelled").touch()
    with suppress(ProcessLookupError):
        os.killpg(int(place.read_text()), signal.SIGTERM)


def main() -> None:
    name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    if arguments[:1] == ["run"]:
        run(*arguments[1:])
        return
    options = dict(each.removeprefix("--").partition("=")[::2] for each in arguments if each.startswith("--"))
    rest = [each for each in arguments if not each.startswith("--")]
    if name == "sbatch":
        sbatch(options, rest[0])
    elif name == "scancel":
        scancel(rest[0])
    else:
        {"squeue": squeue, "sacct": sacct}[name](options["jobs"])


main()
