"""Runs of projects: what is recorded, live output, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import mlyard
from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError, PermissionDenied, ProjectFailed
from tests.conftest import START_SECONDS, LiveServer, clean_environment, until

FAILURE = "mlyard.project.failure"
LOG = "project/output.log"


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., str]:
    """Makes a project of scripts; returns its folder."""

    def make(**scripts: str) -> str:
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        for name, text in scripts.items():
            (folder / name.replace("_", ".")).write_text(text)
        return str(folder)

    return make


def only_run() -> mlyard.entities.Run:
    (run,) = mlyard.search_runs(output_format="list")
    return run


def kept_output(run_id: str) -> str:
    return mlyard.artifacts.load_text(f"runs:/{run_id}/{LOG}")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has waited for does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_run_has_the_parameters_and_the_output_of_its_command(project: Callable[..., str]) -> None:
    folder = project(
        MLproject="entry_points: {main: {parameters: {a: {type: float, default: 0.5}}, command: 'bash x.sh {a}'}}",
        x_sh="echo out $1; echo err $3 >&2",
    )
    done = mlyard.projects.run(folder, parameters={"b": "two words"}, run_name="first", experiment_name="exp")
    run = mlyard.get_run(done.run_id)
    assert (run.info.status, run.info.run_name, run.data.params) == (
        "FINISHED",
        "first",
        {"a": "0.5", "b": "two words"},
    )
    assert sorted(kept_output(done.run_id).splitlines()) == ["err two words", "out 0.5"]
    assert run.data.tags["mlflow.source.name"] == folder
    assert FAILURE not in run.data.tags


def test_output_is_shown_at_once_and_can_be_looked_at_while_the_run_lasts(project: Callable[..., str]) -> None:
    folder = project(
        x_py="import sys\nprint('started')\nprint('odd', file=sys.stderr)\nsys.stdin.read()\nprint('ended')"
    )
    command = [sys.executable, "-m", "mlyard", "run", folder, "-e", "x.py"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=clean_environment(), stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == "started\n"
        run = until(lambda: next(iter(mlyard.search_runs(output_format="list")), None))
        assert run.info.status == "RUNNING"
        assert "started\n" in until(lambda: output_so_far(run.info.run_id))
        process.stdin.close()
        assert process.stdout.read() == "ended\n"
        assert process.wait(START_SECONDS) == 0
    assert set(kept_output(run.info.run_id).splitlines()) == {"started", "odd", "ended"}
    assert only_run().info.status == "FINISHED"


def output_so_far(run_id: str) -> str:
    with suppress(MlyardError):
        return kept_output(run_id)
    return ""


@pytest.mark.parametrize(
    ("script", "status", "reason"),
    [
        ("exit 3", "FAILED", "exited with status 3"),
        ("kill -SEGV $$", "FAILED", "was ended by SIGSEGV"),
        ("kill -KILL $$", "KILLED", "was ended by SIGKILL"),
        ("bash -c 'kill -TERM $$'; exit $?", "KILLED", "was ended by SIGTERM"),
    ],
)
def test_how_a_command_ends_is_how_its_run_ends(
    project: Callable[..., str], script: str, status: str, reason: str
) -> None:
    with pytest.raises(ProjectFailed, match=reason):
        mlyard.projects.run(project(x_sh=f"echo before\n{script}"), entry_point="x.sh")
    run = only_run()
    assert run.info.status == status
    assert reason in run.data.tags[FAILURE]
    assert kept_output(run.info.run_id).startswith("before\n")


def test_a_failure_after_the_script_has_ended_its_run_counts(project: Callable[..., str]) -> None:
    folder = project(x_py="import mlyard\nwith mlyard.start_run(): mlyard.log_metric('a', 1)\nraise SystemExit(1)")
    with pytest.raises(ProjectFailed):
        mlyard.projects.run(folder, entry_point="x.py")
    assert only_run().info.status == "FAILED"
    assert only_run().data.metrics == {"a": 1.0}


def test_a_script_that_ends_its_run_as_failed_has_failed(project: Callable[..., str]) -> None:
    folder = project(x_py="import mlyard\nmlyard.start_run()\nmlyard.end_run('FAILED')")
    with pytest.raises(ProjectFailed, match="is FAILED: Its code has ended it"):
        mlyard.projects.run(folder, entry_point="x.py")
    assert only_run().info.status == "FAILED"


# Something happens just before the process that guards the command is started: the command runs, and nobody knows it.
STARTED = """
import signal, sys

folder, sent = sys.argv[1:]

def hear(event, arguments):
    if event == "subprocess.Popen" and arguments[0] == "sh":
        {act}

sys.addaudithook(hear)
from mlyard.cli.main import main
sys.argv[:] = ["mlyard", "run", folder, "-e", "x.sh"]
main()
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_command_starts_ends_it(
    project: Callable[..., str], tmp_path: Path, sent: signal.Signals
) -> None:
    folder = project(x_sh=f"echo $$ > {tmp_path}/parent\nexec sleep 1000")
    done = subprocess.run(
        [sys.executable, "-c", STARTED.format(act="signal.raise_signal(int(sent))"), folder, str(int(sent))],
        env=clean_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == (130 if sent == signal.SIGINT else 128 + sent), done.stderr
    assert only_run().info.status == "KILLED"
    assert not is_left(tmp_path / "parent")


def test_a_command_that_cannot_be_guarded_does_not_run(project: Callable[..., str], tmp_path: Path) -> None:
    folder = project(x_sh=f"echo $$ > {tmp_path}/parent\nexec sleep 1000")
    program = STARTED.format(act="raise OSError('no more processes')")
    done = subprocess.run(
        [sys.executable, "-c", program, folder, ""],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no more processes" in only_run().data.tags[FAILURE]
    assert not is_left(tmp_path / "parent")


def is_left(written: Path) -> bool:
    """Whether the process that has written its id still runs."""
    return written.exists() and bool(text := written.read_text().strip()) and is_alive(int(text))


STUBBORN = """
trap '' TERM
sleep 1000 &
echo $! > {folder}/child
echo $$ > {folder}/parent
touch {folder}/ready
wait
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_command_with_its_children(
    project: Callable[..., str], tmp_path: Path, sent: signal.Signals
) -> None:
    folder = project(x_sh="sleep 1000 &\necho $! > child\ntouch ready\nwait")
    command = [sys.executable, "-m", "mlyard", "run", folder, "-e", "x.sh"]
    with subprocess.Popen(command, env=clean_environment(), stderr=subprocess.PIPE, text=True) as process:
        until((tmp_path / "project" / "ready").exists)
        process.send_signal(sent)
        _, printed = process.communicate(timeout=START_SECONDS)
    assert process.returncode == (130 if sent == signal.SIGINT else 128 + sent)
    assert "Traceback" not in printed
    assert not is_alive(int((tmp_path / "project" / "child").read_text()))
    assert only_run().info.status == "KILLED"
    assert "interrupted" in only_run().data.tags[FAILURE]


def test_a_command_that_ignores_signals_is_killed(project: Callable[..., str], tmp_path: Path) -> None:
    submitted = mlyard.projects.run(
        project(x_sh=STUBBORN.format(folder=tmp_path)), entry_point="x.sh", synchronous=False
    )
    until((tmp_path / "ready").exists)
    submitted.cancel()
    assert submitted.get_status() == "KILLED"
    assert not is_alive(int((tmp_path / "parent").read_text()))
    assert not is_alive(int((tmp_path / "child").read_text()))


def test_what_a_command_leaves_running_ends_with_it(project: Callable[..., str], tmp_path: Path) -> None:
    folder = project(x_sh=f"sleep 1000 &\necho $! > {tmp_path}/child")
    assert mlyard.projects.run(folder, entry_point="x.sh").status == "FINISHED"
    assert not is_alive(int((tmp_path / "child").read_text()))


def test_a_handle_waits_cancels_and_says_how_it_is(project: Callable[..., str], tmp_path: Path) -> None:
    folder = project(x_sh="[ -z $2 ] || exit $2\ntouch ready\nsleep 1000")
    fine = mlyard.projects.run(folder, entry_point="x.sh", parameters={"status": 0}, synchronous=False)
    wrong = mlyard.projects.run(folder, entry_point="x.sh", parameters={"status": 1}, synchronous=False)
    endless = mlyard.projects.run(folder, entry_point="x.sh", synchronous=False)
    assert (fine.wait(), wrong.wait(), fine.get_status(), wrong.get_status()) == (True, False, "FINISHED", "FAILED")
    until((tmp_path / "project" / "ready").exists)
    assert (endless.get_status(), mlyard.get_run(endless.run_id).info.status) == ("RUNNING", "RUNNING")
    endless.cancel()
    endless.cancel()
    assert (endless.wait(), endless.get_status()) == (False, "KILLED")
    for each in (fine, wrong, endless):
        assert mlyard.get_run(each.run_id).info.status == each.get_status()


PROGRAM = """
import mlyard, sys
mlyard.projects.run(sys.argv[1], entry_point="x.sh", synchronous=False)
print("submitted", flush=True)
"""


def test_a_program_that_ends_waits_for_its_runs(project: Callable[..., str]) -> None:
    folder = project(x_sh="sleep 0.5; echo ended")
    done = subprocess.run([sys.executable, "-c", PROGRAM, folder], env=clean_environment(), stdout=-1, check=True)
    assert done.stdout == b"submitted\nended\n"
    assert only_run().info.status == "FINISHED"


def test_a_program_that_is_interrupted_ends_its_runs(project: Callable[..., str], tmp_path: Path) -> None:
    folder = project(x_sh="touch ready; sleep 1000")
    with subprocess.Popen([sys.executable, "-c", PROGRAM, folder], env=clean_environment(), stderr=-1) as process:
        until((tmp_path / "project" / "ready").exists)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=START_SECONDS)
    assert only_run().info.status == "KILLED"


def test_a_command_ends_with_the_process_that_started_it(project: Callable[..., str], tmp_path: Path) -> None:
    """Even if that is killed and can do nothing more."""
    folder = project(x_sh=f"sleep 1000 &\necho $! > {tmp_path}/child\ntouch ready\nwait")
    command = [sys.executable, "-m", "mlyard", "run", folder, "-e", "x.sh"]
    with subprocess.Popen(command, env=clean_environment(), stderr=subprocess.DEVNULL) as process:
        until((tmp_path / "project" / "ready").exists)
        process.kill()
    until(lambda: not is_alive(int((tmp_path / "child").read_text())))


def test_a_run_that_exists_is_continued(project: Callable[..., str]) -> None:
    client = mlyard.MlyardClient()
    run_id = client.create_run("0", run_name="mine").info.run_id
    client.set_terminated(run_id)
    done = mlyard.projects.run(project(x_sh="echo $MLFLOW_RUN_ID"), entry_point="x.sh", run_id=run_id)
    assert done.run_id == run_id
    assert kept_output(run_id) == f"{run_id}\n"
    assert (only_run().info.run_name, only_run().info.status) == ("mine", "FINISHED")
    assert only_run().data.tags["mlflow.project.entryPoint"] == "x.sh"


def test_the_uri_of_a_path_is_downloaded_to_the_storage_folder(project: Callable[..., str], tmp_path: Path) -> None:
    with mlyard.start_run() as run:
        mlyard.log_text("content", "data/x.txt")
    uri = f"runs:/{run.info.run_id}/data/x.txt"
    folder = project(MLproject="entry_points: {main: {parameters: {data: path}, command: 'cat {data}; echo {data}'}}")
    done = mlyard.projects.run(folder, parameters={"data": uri}, storage_dir=tmp_path / "storage")
    content, place = kept_output(done.run_id).split("content")[0], kept_output(done.run_id).removeprefix("content")
    assert content == ""
    assert Path(place.strip()).read_text() == "content"
    assert place.startswith(str(tmp_path / "storage"))
    assert mlyard.get_run(done.run_id).data.params == {"data": uri}
    done = mlyard.projects.run(folder, parameters={"data": uri})
    assert not Path(kept_output(done.run_id).removeprefix("content").strip()).exists()


def test_tracking_through_a_server(
    project: Callable[..., str], server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLYARD_TRACKING_URI", server.url)
    folder = project(x_py="import mlyard; mlyard.log_metric('a', 1); mlyard.log_text('t', 't.txt')")
    done = mlyard.projects.run(folder, entry_point="x.py", experiment_name="projects on a server")
    run = mlyard.get_run(done.run_id)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"a": 1.0})
    assert {file.path for file in mlyard.MlyardClient().list_artifacts(done.run_id)} == {"project", "t.txt"}


def zipped(folder: Path, files: Mapping[str, str]) -> Path:
    place = folder / "zips" / "project.zip"
    place.parent.mkdir()
    with zipfile.ZipFile(place, "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return place


def test_a_project_in_a_zip_file(tmp_path: Path) -> None:
    place = zipped(tmp_path, {"top/sub/x.sh": "cat data.txt", "top/sub/data.txt": "zipped"})
    for uri in (f"{place}#sub", f"{place.as_uri()}#sub"):
        done = mlyard.projects.run(uri, entry_point="x.sh")
        assert kept_output(done.run_id) == "zipped"
        assert mlyard.get_run(done.run_id).data.tags["mlflow.source.name"] == uri
    with pytest.raises(DoesNotExist, match="is not a file"):
        mlyard.projects.run("nothing.zip")


class _Answers(SimpleHTTPRequestHandler):
    """Files; /elsewhere… leads to them, /secret… needs a password, and /down… to another scheme."""

    def do_GET(self) -> None:
        if self.path.startswith("/secret") and not self.headers.get("Authorization"):
            self.send_error(401)
        elif self.path.startswith("/elsewhere"):
            self._lead(self.path.replace("/elsewhere", ""))
        elif self.path.startswith("/loop"):
            self._lead(self.path)
        elif self.path.startswith("/down"):
            self._lead("file:///etc/passwd")
        else:
            self.path = self.path.removeprefix("/secret")
            super().do_GET()

    def _lead(self, place: str) -> None:
        self.send_response(302)
        self.send_header("Location", place)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_zip_file_of_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(zipped(tmp_path, {"x.sh": "echo zipped"}).parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            at = f"127.0.0.1:{server.server_port}"
            for uri in (f"http://{at}/project.zip?token=hunter2", f"http://{at}/elsewhere/project.zip"):
                done = mlyard.projects.run(uri, entry_point="x.sh")
                assert mlyard.get_run(done.run_id).data.tags["mlflow.source.name"] == uri.partition("?")[0]
            mlyard.projects.run(f"http://alice:hunter2@{at}/secret/project.zip", entry_point="x.sh")
            for path, error, reason in (
                ("secret/project.zip", PermissionDenied, "with your rights: status 401"),
                ("nothing.zip", DoesNotExist, "no project at"),
                ("loop.zip", InvalidParameter, "redirects too often"),
                ("down.zip", InvalidParameter, "an address without https"),
            ):
                with pytest.raises(error, match=reason):
                    mlyard.projects.run(f"http://{at}/{path}", entry_point="x.sh")
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"uri": "nothing"}, "There is no project"),
        ({"entry_point": "nothing"}, "has no entry point 'nothing'"),
        ({"parameters": {"a": "high"}}, "must be of type float"),
        ({"parameters": {}}, "No value given for the parameter 'a'"),
        ({"parameters": {"a": 1, "$(touch pwned)": 1}}, "Invalid parameter name"),
        ({"version": "nothing"}, "cannot be read"),
        ({"version": "--upload-pack=touch pwned"}, "Invalid version"),
        ({"uri": "ext::sh -c touch% pwned"}, "remote helpers are not allowed"),
        ({"env_manager": "pixi"}, "'pixi' is not supported"),
        ({"experiment_name": "a", "experiment_id": "0"}, "only one of"),
    ],
)
def test_bad_input_is_explained_and_a_run_that_exists_says_why_it_failed(
    project: Callable[..., str], tmp_path: Path, arguments: dict[str, object], reason: str
) -> None:
    folder = project(MLproject="entry_points: {main: {parameters: {a: float}, command: 'touch ran {a}'}}")
    given: dict[str, object] = {"uri": folder, "parameters": {"a": 1}, **arguments}
    with pytest.raises(MlyardError, match=reason.replace("$", r"\$")):
        mlyard.projects.run(**given)  # type: ignore[arg-type]
    assert mlyard.search_runs(output_format="list") == []
    run_id = mlyard.MlyardClient().create_run("0").info.run_id
    with pytest.raises(MlyardError, match=reason.replace("$", r"\$")):
        mlyard.projects.run(**given, run_id=run_id)  # type: ignore[arg-type]
    assert only_run().info.status == "FAILED"
    assert reason in only_run().data.tags[FAILURE]
    assert not [name for name in ("ran", "pwned") if list(tmp_path.rglob(name))]


@pytest.mark.parametrize("data", ["nothing.csv", "runs:/nothing/x"])
def test_a_path_that_is_not_there_fails_the_run(project: Callable[..., str], data: str) -> None:
    folder = project(MLproject="entry_points: {main: {parameters: {data: path}, command: 'touch ran {data}'}}")
    with pytest.raises(InvalidParameter, match="The parameter 'data'"):
        mlyard.projects.run(folder, parameters={"data": data})
    assert only_run().info.status == "FAILED"
    assert "The parameter 'data'" in only_run().data.tags[FAILURE]
    assert not Path(folder, "ran").exists()


def test_a_run_that_does_not_exist(project: Callable[..., str]) -> None:
    with pytest.raises(MlyardError, match="f" * 32):
        mlyard.projects.run(project(x_sh="true"), "x.sh", run_id="f" * 32)


def test_the_command_line_says_it_in_one_line(project: Callable[..., str], tmp_path: Path) -> None:
    folder = project(x_sh="exit 3")
    for arguments, reason in (
        ([folder, "-e", "x.sh"], "exited with status 3"),
        ([folder, "-v", "nothing"], "cannot be read"),
        (["https://alice:hunter2@127.0.0.1:1/u/r"], "cannot be read"),
    ):
        command = [sys.executable, "-m", "mlyard", "run", *arguments]
        done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
        last = done.stderr.splitlines()[-1]
        assert (done.returncode, last.startswith("mlyard: "), reason in last) == (1, True, True), done.stderr
        assert "Traceback" not in done.stderr
        assert "hunter2" not in done.stderr


def test_the_output_of_a_run_can_be_closed(project: Callable[..., str]) -> None:
    """As in `mlyard run … | head`: the run goes on."""
    folder = project(x_py="for _ in range(20000): print('x' * 100)")
    command = [sys.executable, "-m", "mlyard", "run", folder, "-e", "x.py"]
    with subprocess.Popen(command, env=clean_environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout
        os.read(process.stdout.fileno(), 10)
        process.stdout.close()
        assert process.wait(START_SECONDS) == 0
    assert only_run().info.status == "FINISHED"
    assert len(kept_output(only_run().info.run_id)) == 20000 * 101
