"""Forked, spawned and threaded code logs to the right run, with connections of its own, and never hangs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlyard import MlyardClient
from tests.s3 import BUCKET, S3Server
from tests.system.forks import answer_of


def test_a_forked_child_logs_to_the_run_of_its_parent_and_leaves_it_running(tracking: str, tmp_path: Path) -> None:
    program = """
client = MlyardClient()
with mlyard.start_run() as run:
    mlyard.log_metric("x", 0, step=0)
    fluent = forked(lambda: mlyard.log_metric("x", 1, step=1))
    by_id = forked(lambda: client.log_metric(run.info.run_id, "x", 2, step=2))
    leaves = forked(lambda: (mlyard.end_run(), mlyard.log_metric("x", 9)))
    succeeded = ended(fluent, by_id, leaves)
    mlyard.log_metric("x", 3, step=3)
    before = status(run.info.run_id)
answer([succeeded, points(run.info.run_id), before, status(run.info.run_id)])
"""
    assert answer_of(program, tracking, tmp_path) == [True, [0, 1, 2, 3], "RUNNING", "FINISHED"]


def test_a_child_that_leaves_the_block_of_its_parents_run_does_not_end_it(tracking: str, tmp_path: Path) -> None:
    program = """
with mlyard.start_run() as run:
    child = os.fork()
if child:
    ended(child)
    answer(status(run.info.run_id))
else:
    mlyard.start_run()
    sys.exit(1)
"""
    assert answer_of(program, tracking, tmp_path) == "FINISHED"
    program = program.replace("if child:", "if child:\n    mlyard.start_run(run.info.run_id)")
    assert answer_of(program, tracking, tmp_path) == "RUNNING"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_worker_starts_runs_of_its_own(tracking: str, tmp_path: Path, method: str) -> None:
    program = f"""
def work(queue, client, run_id):
    client.log_metric(run_id, "x", 1)
    with mlyard.start_run() as run:
        mlyard.log_metric("x", 2)
    with mlyard.start_run(nested=True) as nested:
        pass
    queue.put([run.info.run_id, nested.info.run_id])

def main():
    context = multiprocessing.get_context("{method}")
    queue = context.Queue()
    with mlyard.start_run() as parent:
        worker = context.Process(target=work, args=(queue, MlyardClient(), parent.info.run_id))
        worker.start()
        own, nested = queue.get()
        worker.join()
        mlyard.log_metric("y", 3)
    parents = [mlyard.get_run(run).data.tags.get("mlflow.parentRunId") for run in (own, nested)]
    found = [points(parent.info.run_id), points(own), status(own), status(parent.info.run_id)]
    answer([worker.exitcode, *found, parents == [None, parent.info.run_id if "{method}" == "fork" else None]])

if __name__ == "__main__":
    main()
"""
    assert answer_of(program, tracking, tmp_path) == [0, [1], [2], "FINISHED", "FINISHED", True]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_worker_that_ends_ends_the_runs_that_it_has_started(tracking: str, tmp_path: Path, method: str) -> None:
    program = f"""
def work(queue, end):
    queue.put(mlyard.start_run().info.run_id)
    exec(end)

def main():
    context = multiprocessing.get_context("{method}")
    queue = context.Queue()
    found = []
    for end in ("pass", "sys.exit()", "sys.exit(3)", "raise KeyError"):
        worker = context.Process(target=work, args=(queue, end))
        worker.start()
        run_id = queue.get()
        worker.join()
        found.append(status(run_id))
    answer(found)

if __name__ == "__main__":
    main()
"""
    assert answer_of(program, tracking, tmp_path) == ["FINISHED", "FINISHED", "FAILED", "FAILED"]


def test_a_pool_of_workers_logs_beside_its_parent(tracking: str, tmp_path: Path) -> None:
    """As a loader of data does it, with workers that are replaced; the parent's threads log meanwhile."""
    program = """
def load(number):
    mlyard.log_metric("x", number, step=number)
    return os.getpid()

def log_beside(key):
    for number in range(100):
        MlyardClient().log_metric(run.info.run_id, key, number, step=number)

with mlyard.start_run() as run:
    threads = [threading.Thread(target=log_beside, args=(key,)) for key in ("y", "z")]
    for thread in threads:
        thread.start()
    with multiprocessing.get_context("fork").Pool(3, maxtasksperchild=10) as pool:
        workers = set(pool.map(load, range(60), chunksize=1))
        pool.close()
        pool.join()
    for thread in threads:
        thread.join()
found = [points(run.info.run_id, key) for key in ("x", "y", "z")]
answer([len(workers) > 3, found, status(run.info.run_id)])
"""
    numbers = [[*range(60)], [*range(100)], [*range(100)]]
    assert answer_of(program, tracking, tmp_path) == [True, numbers, "FINISHED"]


def test_answers_to_a_client_that_is_shared_with_children_do_not_cross(tracking: str, tmp_path: Path) -> None:
    program = """
client = MlyardClient()
runs = [client.create_run("0").info.run_id for _ in range(6)]

def read(run_id):
    assert all(client.get_run(run_id).info.run_id == run_id for _ in range(100))

threads = [threading.Thread(target=read, args=(run_id,)) for run_id in runs[:2]]
for thread in threads:
    thread.start()
children = [forked(lambda: read(run_id)) for run_id in runs[2:]]
read(runs[0])
for thread in threads:
    thread.join()
answer(ended(*children))
"""
    assert answer_of(program, tracking, tmp_path) is True


def test_forks_while_threads_log(tracking: str, tmp_path: Path) -> None:
    """At any moment: a thread may be sending, waiting or holding a lock when another one forks."""
    program = """
client = MlyardClient()
run_id = client.create_run("0").info.run_id
stopped = threading.Event()

def log():
    for step in range(100_000):
        if stopped.is_set():
            return
        client.log_metric(run_id, "beside", step, step=step)
        client.get_run(run_id)

threads = [threading.Thread(target=log) for _ in range(3)]
for thread in threads:
    thread.start()
succeeded = ended(*[forked(lambda: client.log_metric(run_id, "x", step, step=step)) for step in range(15)])
stopped.set()
for thread in threads:
    thread.join()
answer([succeeded, points(run_id)])
"""
    assert answer_of(program, tracking, tmp_path) == [True, [*range(15)]]


def test_a_child_goes_on_when_its_parent_has_ended(tracking: str, tmp_path: Path) -> None:
    """The parent's connections end with it. What the child writes afterwards is there for everybody."""
    program = """
client = MlyardClient()
with mlyard.start_run() as run:
    client.log_metric(run.info.run_id, "x", 0, step=0)
    reader, writer = os.pipe()
    parent = os.getpid()
    child = os.fork()
if child:
    os.read(reader, 1)
    client.store.close()
    os._exit(0)
client.log_metric(run.info.run_id, "x", 1, step=1)
os.write(writer, b".")
while os.getppid() == parent:
    time.sleep(0.01)
for step in range(2, 20):
    client.log_metric(run.info.run_id, "x", step, step=step)
other = "import mlyard, sys; print(len(mlyard.MlyardClient().get_metric_history(sys.argv[1], 'x')))"
answer(int(subprocess.check_output([sys.executable, "-c", other, run.info.run_id])))
"""
    assert answer_of(f"import subprocess\n{program}", tracking, tmp_path) == 20


def test_files_of_parent_and_child_are_all_in_the_manifest(tracking: str, tmp_path: Path) -> None:
    program = """
from mlyard.artifacts import manifest
from mlyard.artifacts.factory import artifact_store
from mlyard.client.backends import open_backend
with mlyard.start_run() as run:
    mlyard.log_text("0", "before.txt")
    children = [forked(lambda: mlyard.log_text("1", f"child-{number}.txt")) for number in range(3)]
    mlyard.log_text("2", "parent.txt")
    succeeded = ended(*children)
store = artifact_store(run.info.artifact_uri, open_backend(mlyard.get_tracking_uri()).session)
answer([succeeded, sorted(manifest.read(store))])
"""
    files = ["before.txt", "child-0.txt", "child-1.txt", "child-2.txt", "parent.txt"]
    assert answer_of(program, tracking, tmp_path) == [True, files]


def test_a_forked_child_is_told_that_it_cannot_use_the_object_store_of_its_parent(s3: S3Server, tmp_path: Path) -> None:
    """Its library would wait for ever. A spawned worker can use the store, and the parent goes on."""
    program = """
def work(queue, run_id):
    try:
        mlyard.log_text("2", "worker.txt", run_id=run_id)
        queue.put("logged")
    except mlyard.exceptions.MlflowException as error:
        queue.put(str(error))

def main():
    with mlyard.start_run() as run:
        mlyard.log_text("1", "parent.txt")
        answers = []
        for method in ("fork", "spawn"):
            context = multiprocessing.get_context(method)
            queue = context.Queue()
            worker = context.Process(target=work, args=(queue, run.info.run_id))
            worker.start()
            answers.append(queue.get())
            worker.join()
        files = sorted(file.path for file in MlyardClient().list_artifacts(run.info.run_id))
    answer([*answers, files])

if __name__ == "__main__":
    main()
"""
    environment = {**s3.environment, "MLYARD_ARTIFACTS_DESTINATION": f"s3://{BUCKET}/{tmp_path.name}"}
    uri = f"sqlite:///{tmp_path / 'mlyard.db'}"
    forked, *others = answer_of(f"import mlyard.exceptions\n{program}", uri, tmp_path, **environment)
    assert "forked after its parent had used the store" in forked
    assert others == ["logged", ["parent.txt", "worker.txt"]]


def test_each_asyncio_task_and_each_thread_has_an_active_run_of_its_own(tracking: str, tmp_path: Path) -> None:
    program = """
async def own(number):
    with mlyard.start_run() as run:
        for step in range(3):
            mlyard.log_metric("x", 10 * number + step, step=step)
            await asyncio.sleep(0)
            await asyncio.to_thread(mlyard.log_metric, "y", 10 * number + step, step=step)
    return run.info.run_id, points(run.info.run_id), points(run.info.run_id, "y")

async def tasks(numbers):
    return await asyncio.gather(*[own(number) for number in numbers])

found = asyncio.run(tasks(range(4)))
with ThreadPoolExecutor(2) as pool:
    found += [each for some in pool.map(lambda numbers: asyncio.run(tasks(numbers)), [[4, 5], [6, 7]]) for each in some]
expected = [[10 * number + step for step in range(3)] for number in range(8)]
answer([len({run_id for run_id, _, _ in found}), all([x, y] == [e, e] for (_, x, y), e in zip(found, expected))])
"""
    program = f"from concurrent.futures import ThreadPoolExecutor\n{program}"
    assert answer_of(program, tracking, tmp_path) == [8, True]


def test_tasks_share_the_run_of_the_code_that_creates_them(tracking: str, tmp_path: Path) -> None:
    program = """
async def log(step):
    mlyard.log_metric("x", step, step=step)
    with mlyard.start_run(nested=True) as nested:
        await asyncio.sleep(0)
        mlyard.log_metric("x", 10 + step)
    return points(nested.info.run_id), nested.data.tags["mlflow.parentRunId"]

async def main():
    with mlyard.start_run() as run:
        inner = await asyncio.gather(*[log(step) for step in range(3)])
    return run.info.run_id, inner

run_id, inner = asyncio.run(main())
answer([points(run_id), inner == [([10 + step], run_id) for step in range(3)]])
"""
    assert answer_of(program, tracking, tmp_path) == [[0, 1, 2], True]


def test_a_run_that_a_finished_task_has_left_open_is_the_threads(tracking: str, tmp_path: Path) -> None:
    """Notebooks run each cell as a task, and a run goes on from cell to cell."""
    program = """
async def cells():
    run = await asyncio.create_task(start())
    await asyncio.create_task(log(1))
    return run.info.run_id

async def start():
    return mlyard.start_run()

async def log(value):
    mlyard.log_metric("x", value, step=value)

run_id = asyncio.run(cells())
mlyard.log_metric("x", 2, step=2)
active = mlyard.active_run().info.run_id == run_id
mlyard.end_run()
answer([points(run_id), active, mlyard.active_run(), status(run_id)])
"""
    assert answer_of(program, tracking, tmp_path) == [[1, 2], True, None, "FINISHED"]


def test_exit_ends_the_other_runs_when_one_cannot_be_ended(tracking: str, tmp_path: Path) -> None:
    program = """
runs = [mlyard.start_run(nested=True).info.run_id for _ in range(3)]
mlyard.delete_run(runs[1])
answer(runs)
"""
    runs = answer_of(program, tracking, tmp_path)
    client = MlyardClient(tracking)
    assert [client.get_run(run_id).info.status for run_id in runs] == ["FINISHED", "RUNNING", "FINISHED"]


def test_a_forked_child_neither_waits_for_its_parents_projects_nor_ends_them(tmp_path: Path) -> None:
    program = """
import mlyard.exceptions
from mlyard import projects

os.mkdir("project")
with open("project/main.py", "w", encoding="utf-8") as file:
    file.write("import os, time; t = [time.sleep(0.02) for _ in iter(lambda: os.path.exists(os.environ['GO']), True)]")
submitted = projects.run("project", entry_point="main.py", env_manager="local", synchronous=False)

def refused():
    for call in (submitted.wait, submitted.cancel):
        try:
            call()
        except mlyard.exceptions.MlflowException as error:
            assert "was forked from it" in str(error)

succeeded = ended(forked(refused))
open(os.environ["GO"], "w").close()
answer([succeeded, submitted.wait(), submitted.get_status()])
"""
    uri = f"sqlite:///{tmp_path / 'mlyard.db'}"
    assert answer_of(program, uri, tmp_path, GO=str(tmp_path / "go")) == [True, True, "FINISHED"]
