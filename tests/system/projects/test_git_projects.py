"""Projects in git repositories: versions, folders, the cache, servers, submodules, and what is refused."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlyard
from mlyard.core.errors import DoesNotExist, InvalidParameter, MlyardError, PermissionDenied
from mlyard.projects.address import parse_address
from mlyard.projects.fetch import Source, fetch
from tests.repositories import Repository, git_server
from tests.system.conftest import at_once

SECRET = "hunter2hunter2"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of the test's own. What is fetched in a test leaves no copy when it is discarded or refused."""
    place = tmp_path / "cache"
    monkeypatch.setenv("MLYARD_PROJECT_CACHE", str(place))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield place
    assert list(temporary.iterdir()) == []


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two commits on main, a branch, a light tag and an annotated tag."""
    made = Repository(tmp_path / "served" / "project")
    made.commit({"version.txt": "first", "sub/train.py": "print('sub')", "train.py": "print('root')"})
    made.git("tag", "light")
    made.commit({"version.txt": "second"})
    made.git("tag", "--annotate", "--message=x", "v1")
    made.git("checkout", "--quiet", "-b", "feature/new")
    made.commit({"version.txt": "third"})
    made.git("checkout", "--quiet", "main")
    made.commit({"version.txt": "fourth"})
    return made


def text(uri: str, version: str | None = None) -> tuple[str, Source]:
    """The content of version.txt, and what is known of its source. The copy is removed."""
    source = fetch(parse_address(uri, version))
    try:
        return (source.folder / "version.txt").read_text(), source
    finally:
        source.discard()


def refused(uri: str, version: str | None = None) -> MlyardError:
    with pytest.raises(MlyardError) as error:
        fetch(parse_address(uri, version))
    assert SECRET not in error.value.message
    return error.value


@pytest.mark.parametrize("transport", ["file", "smart", "plain"])
def test_each_kind_of_version(repository: Repository, tmp_path: Path, transport: str) -> None:
    repository.git("update-server-info")
    commit = {
        name: repository.git("rev-parse", f"{name}^{{commit}}") for name in ("main", "light", "v1", "feature/new")
    }
    with git_server(tmp_path / "served", plain=transport == "plain") as server:
        url = {"file": repository.url, "smart": f"{server.url}/project/.git", "plain": f"{server.url}/project/.git"}[
            transport
        ]
        expected = [
            (None, "fourth", commit["main"], "main"),
            ("main", "fourth", commit["main"], "main"),
            ("feature/new", "third", commit["feature/new"], "feature/new"),
            ("light", "first", commit["light"], None),
            ("v1", "second", commit["v1"], None),
            (commit["light"], "first", commit["light"], None),
            (commit["v1"].upper(), "second", commit["v1"], None),
            (commit["feature/new"][:9], "third", commit["feature/new"], None),
        ]
        for version, content, commit_id, branch in expected:
            found, source = text(url, version)
            assert (found, source.commit, source.branch) == (content, commit_id, branch), version
            assert source.repository == source.name == url
        for unknown in ("nothing", "1234567", "f" * 40):
            assert isinstance(refused(url, unknown), DoesNotExist)
            assert f"has no version '{unknown}'" in refused(url, unknown).message


def test_only_the_commit_is_fetched_and_only_once(repository: Repository, tmp_path: Path, cache: Path) -> None:
    with git_server(tmp_path / "served") as server:
        url = f"{server.url}/project/.git"
        assert text(url)[0] == "fourth"
        (bare,) = cache.glob("*.git")
        assert (bare / "shallow").exists()
        assert not list(bare.glob("hooks/*"))
        asked = len(server.requests)
        assert text(url)[0] == "fourth"
        assert [path for path in server.requests[asked:] if path.endswith("git-upload-pack")] != []
        asked = len(server.requests)
        assert text(url, repository.git("rev-parse", "HEAD"))[0] == "fourth"
        assert len(server.requests) == asked, "a commit that is there needs no server"
        repository.commit({"version.txt": "fifth"})
        assert text(url)[0] == "fifth"


def test_a_half_made_repository_is_not_used(repository: Repository, cache: Path) -> None:
    assert text(repository.url)[0] == "fourth"
    (bare,) = cache.glob("*.git")
    shutil.rmtree(bare / "refs" / "mlyard" / "commits")  # as if the process had been killed before the last step
    (bare / "packed-refs").unlink(missing_ok=True)
    assert text(repository.url)[0] == "fourth"


def test_several_processes_may_fetch_at_the_same_time(repository: Repository, cache: Path) -> None:
    found = at_once([lambda: text(repository.url)[0], lambda: text(repository.url, "light")[0]] * 4)
    assert found == ["fourth", "first"] * 4
    assert len(list(cache.glob("*.git"))) == 1
    assert not list(cache.glob("new-*"))


def test_only_the_owner_can_read_what_is_fetched(repository: Repository, cache: Path) -> None:
    before = os.umask(0)
    try:
        source = fetch(parse_address(repository.url))
    finally:
        os.umask(before)
    assert source.copy
    assert {place.stat().st_mode & 0o777 for place in (cache, source.copy)} == {0o700}
    source.discard()


def test_what_a_run_changes_does_not_reach_the_next(repository: Repository) -> None:
    source = fetch(parse_address(repository.url))
    (source.folder / "version.txt").write_text("changed")
    assert text(repository.url)[0] == "fourth"
    source.discard()


def test_a_folder_in_the_repository(repository: Repository) -> None:
    source = fetch(parse_address(f"{repository.url}#sub"))
    assert [file.name for file in source.folder.iterdir()] == ["train.py"]
    assert (source.name, source.repository) == (f"{repository.url}#sub", repository.url)
    source.discard()
    for missing in ("nothing", "train.py"):
        assert f"has no folder '{missing}'" in refused(f"{repository.url}#{missing}").message


def test_a_local_folder_is_used_in_place_and_with_a_version_its_commit(repository: Repository) -> None:
    (repository.folder / "version.txt").write_text("not committed")
    place = str(repository.folder)
    found, source = text(place)
    assert (found, source.copy, source.branch) == ("not committed", None, "main")
    assert source.commit == repository.git("rev-parse", "HEAD")
    assert text(place, "light")[0] == "first"


def test_the_origin_of_a_local_folder_is_known_without_credentials(repository: Repository) -> None:
    repository.git("remote", "add", "origin", f"https://alice:{SECRET}@host/u/r")
    assert text(str(repository.folder))[1].repository == "https://host/u/r"


def test_credentials_reach_their_server_and_nothing_else(
    repository: Repository, tmp_path: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with git_server(tmp_path / "served", password=SECRET) as server:
        url = f"{server.url}/project/.git"
        for given, reason in (("", "asks who you are"), ("alice:wrong@", "does not accept the user")):
            error = refused(url.replace("//", f"//{given}"))
            assert isinstance(error, PermissionDenied)
            assert reason in error.message
        found, source = text(url.replace("//", f"//alice:{SECRET}@"))
        assert (found, source.name, source.repository) == ("fourth", url, url)
        assert SECRET not in refused(url.replace("//", f"//alice:{SECRET}@"), "nothing").message
    assert SECRET not in caplog.text
    kept = b"".join(file.read_bytes() for file in cache.rglob("*") if file.is_file())
    assert SECRET.encode() not in kept


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("file:///nowhere/at/all", "does not appear to be a git repository"),
        ("https://127.0.0.1:1/u/r", "unable to access"),
        ("ssh://git@127.0.0.1:1/u/r", "cannot be read"),
    ],
)
def test_a_repository_that_cannot_be_read(uri: str, reason: str) -> None:
    assert reason in refused(uri).message


def test_a_repository_without_commits(tmp_path: Path) -> None:
    assert "without commits" in refused(Repository(tmp_path / "empty").url).message


LINKS = ["/etc/passwd", "../outside", "sub/../../outside", "/", "self"]


@pytest.mark.parametrize("target", LINKS)
def test_links_out_of_the_project_are_refused(repository: Repository, target: str) -> None:
    (repository.folder / "self").symlink_to(target)
    repository.commit()
    error = refused(repository.url)
    assert isinstance(error, InvalidParameter)
    assert "its link 'self' leads out of the project" in error.message


def test_links_inside_the_project_are_followed(repository: Repository) -> None:
    (repository.folder / "sub" / "link").symlink_to("../train.py")
    repository.commit()
    source = fetch(parse_address(repository.url))
    assert (source.folder / "sub" / "link").read_text() == "print('root')"
    source.discard()


@pytest.mark.parametrize("name", ["..", ".git", ".GIT", "git~1"])
def test_trees_that_lead_out_are_refused(repository: Repository, tmp_path: Path, name: str) -> None:
    blob = repository.git("hash-object", "-w", "--stdin", text="pwned")
    inner = repository.git("mktree", text=f"100644 blob {blob}\tpwned\n")
    repository.commit_tree(f"040000 tree {inner}\t{name}\n")
    assert "cannot be read" in refused(repository.url).message
    assert not list(tmp_path.rglob("pwned"))


def test_filters_hooks_and_settings_of_the_repository_do_not_run(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch = f"touch {tmp_path / 'pwned'}; cat"
    users = tmp_path / "gitconfig"
    users.write_text(f'[filter "x"]\n\tsmudge = "{touch}"\n\trequired = true\n[core]\n\tfsmonitor = "{touch}"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(users))
    repository.git("config", "core.fsmonitor", touch)
    repository.git("config", "uploadpack.packObjectsHook", touch)
    hook = repository.folder / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\n{touch}\n")
    hook.chmod(0o755)
    repository.commit({".gitattributes": "* filter=x\n", ".lfsconfig": "[lfs]\n\turl = ext::x\n"})
    (tmp_path / "pwned").unlink(missing_ok=True)
    assert text(repository.url)[0] == "fourth"
    assert text(str(repository.folder))[0] == "fourth"
    assert not (tmp_path / "pwned").exists()


def add_submodule(repository: Repository, url: str, commit: str, path: str = "lib") -> None:
    (repository.folder / ".gitmodules").write_text(f'[submodule "lib"]\n\tpath = {path}\n\turl = {url}\n')
    repository.git("add", "--all")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
    repository.git("commit", "--quiet", "--message=submodule")


@pytest.fixture
def library(tmp_path: Path) -> tuple[Repository, str]:
    made = Repository(tmp_path / "served" / "library")
    commit = made.commit({"lib.py": "LIBRARY = 1"})
    made.commit({"lib.py": "LIBRARY = 2"})
    return made, commit


@pytest.mark.parametrize("form", ["absolute", "relative"])
def test_submodules_of_the_same_host(
    repository: Repository, library: tuple[Repository, str], tmp_path: Path, form: str
) -> None:
    with git_server(tmp_path / "served") as server:
        url = {"absolute": f"{server.url}/library/.git", "relative": "../../library/.git"}[form]
        add_submodule(repository, url, library[1])
        source = fetch(parse_address(f"{server.url}/project/.git"))
    assert (source.folder / "lib" / "lib.py").read_text() == "LIBRARY = 1"
    source.discard()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ext::sh -c touch% pwned", "remote helpers"),
        ("https://elsewhere.example/u/r", "not a repository on the project's own host"),
        ("ssh://git@127.0.0.1/u/r", "not a repository on the project's own host"),
        ("git@elsewhere.example:u/r", "not a repository on the project's own host"),
        ("file:///etc", "not a repository on the project's own host"),
        ("/etc", "not a repository on the project's own host"),
        ("../../../../../x", "leaves the host"),
        ("-u./payload", "must not start with '-'"),
        ("http://127.0.0.1:1/u/r", "not a repository on the project's own host"),
    ],
)
def test_submodules_that_leave_the_host_are_refused(
    repository: Repository, library: tuple[Repository, str], tmp_path: Path, url: str, reason: str
) -> None:
    add_submodule(repository, url, library[1])
    with git_server(tmp_path / "served") as server:
        error = refused(f"{server.url}/project/.git")
        assert "submodule 'lib'" in error.message
        assert reason in error.message
        assert not [path for path in server.requests if "project" not in path]
    assert not list(tmp_path.rglob("pwned"))


def test_a_repository_that_contains_itself_is_refused(repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD")
    for _ in range(8):
        add_submodule(repository, repository.url, commit)
        commit = repository.git("rev-parse", "HEAD")
    assert "nested too deeply" in refused(repository.url).message


def test_a_run_has_the_tags_of_its_commit(repository: Repository) -> None:
    repository.commit({"sub/train.py": "import mlyard; mlyard.log_metric('rmse', 0.5)"})
    done = mlyard.projects.run(f"{repository.url}#sub", entry_point="train.py", version="main")
    tags = mlyard.get_run(done.run_id).data.tags
    assert {name: tags[name] for name in tags if "source" in name or "project" in name} == {
        "mlflow.source.name": f"{repository.url}#sub",
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": repository.git("rev-parse", "HEAD"),
        "mlflow.source.git.branch": "main",
        "mlflow.source.git.repoURL": repository.url,
        "mlflow.project.entryPoint": "train.py",
        "mlflow.project.backend": "local",
    }
    assert mlyard.get_run(done.run_id).data.metrics == {"rmse": 0.5}
