"""``mlyard run-task``: continues a run that another machine has handed over to this one."""

from __future__ import annotations

import os

import msgspec

from mlyard.client.client import MlyardClient
from mlyard.core import settings
from mlyard.core.errors import InvalidParameter
from mlyard.domain.runs import RUNNING
from mlyard.projects.backends.handover import RemoteTask
from mlyard.projects.jobs import NewRun, checked_values, discarding, failing, prepare
from mlyard.projects.running import waited
from mlyard.projects.submitted import signals_interrupt
from mlyard.projects.tags import TAG_FAILURE


@signals_interrupt()
def run_task() -> None:
    """Run the task in the environment of this process, on this machine. The command does not see it.

    Raises InvalidParameter without a task, and if the run was ended meanwhile; otherwise as ``run`` does.
    """
    task = _task()
    client = MlyardClient()
    run = client.get_run(task.run_id)
    if run.info.status != RUNNING and TAG_FAILURE in run.data.tags:  # a lost run has no such tag
        raise InvalidParameter(f"The run {task.run_id} is {run.info.status}, so it is not continued.")
    with failing(client, task.run_id):
        job = prepare(task.uri, task.version, task.entry_point, task.environment, task.storage)
        with discarding(job):
            values = checked_values(job, task.values)
    experiment = run.info.experiment_id
    waited(client, job, NewRun(experiment=experiment, values=values, run_id=task.run_id, is_handed_over=True))


def _task() -> RemoteTask:
    text = settings.PROJECT_TASK.get()
    for prefix in ("MLYARD", "MLFLOW"):
        os.environ.pop(f"{prefix}_{settings.PROJECT_TASK.name}", None)
    try:
        return msgspec.json.decode(text or "", type=RemoteTask)
    except msgspec.DecodeError:
        raise InvalidParameter("There is no task: backends start `mlyard run-task`; use `mlyard run`.") from None
