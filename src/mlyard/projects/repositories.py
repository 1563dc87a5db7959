"""Fetches commits of git repositories into a cache, and writes their files into new folders.

The cache holds one bare repository per address, without any working files. A commit counts as there when a reference
names it, which git writes last: what a killed process leaves behind is never used.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

import msgspec

from mlyard.core import settings
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.core.locks import exclusive
from mlyard.core.log import logger
from mlyard.projects.address import Address
from mlyard.projects.git import GitFailed, authorization, explained, git

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-fA-F]{4,64}")
_FETCHED = "refs/mlyard/fetched"
_ALL = ("+HEAD:refs/mlyard/head", "+refs/heads/*:refs/mlyard/heads/*", "+refs/tags/*:refs/mlyard/tags/*")
_log = logger("projects")


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """A commit in the cache: the bare repository and the id; ``branch`` if the version names or means one."""

    repository: Path
    id: str
    branch: str | None = None


def fetch_commit(address: Address) -> Commit:
    """The commit that an address means, fetched if it is not in the cache.

    Raises DoesNotExist for an unknown version, PermissionDenied without rights, InvalidParameter for other failures.
    """
    if address.url.startswith("http://"):
        _log.warning("The project %s is fetched without encryption: prefer https://.", address.shown)
    repository = _repository(address)
    with exclusive(repository.with_suffix(".lock")):
        try:
            return _Fetcher(address, repository).commit()
        except GitFailed as failure:
            raise explained(failure, address.shown, address.credentials) from None


def write_files(commit: Commit, folder: Path) -> None:
    """Write the files of a commit into an empty folder. No filter and no hook runs. Raises GitFailed."""
    with tempfile.TemporaryDirectory(prefix="mlyard-") as temporary:
        index = {"GIT_INDEX_FILE": str(Path(temporary) / "index")}
        places = ["-C", str(folder), f"--git-dir={commit.repository}", f"--work-tree={folder}"]
        git([*places, "read-tree", commit.id], variables=index)
        git([*places, "checkout-index", "--all", "--force"], variables=index)


def _repository(address: Address) -> Path:
    """The bare repository of an address in the cache; renamed into place when it is ready."""
    root = Path(settings.PROJECT_CACHE.get()).expanduser().absolute()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = root / f"{hashlib.sha256(address.url.encode()).hexdigest()[:32]}.git"
    with exclusive(place.with_suffix(".lock")):
        if not place.is_dir():
            new = Path(tempfile.mkdtemp(prefix="new-", dir=root))
            try:
                git(["init", "--quiet", "--bare", "--template=", "--", str(new)])
                new.rename(place)
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
    return place


class _Fetcher:
    """Finds the commit of one address; the caller holds the lock of its repository."""

    def __init__(self, address: Address, repository: Path) -> None:
        self._address, self._version = address, address.version
        self._place = f"--git-dir={repository}"
        self._repository = repository
        self._config = authorization(address.url, address.credentials)

    def commit(self) -> Commit:
        if self._version and _COMMIT.fullmatch(self._version.lower()):
            return Commit(repository=self._repository, id=self._by_id(self._version.lower()))
        name, commit, branch = self._named()
        if name is None:
            return Commit(repository=self._repository, id=self._short())
        if not self._has(commit):
            commit = self._fetch_one(name)
        return Commit(repository=self._repository, id=commit, branch=branch)

    def _named(self) -> tuple[str | None, str, str | None]:
        """The reference that the version names, its commit, and the branch. Tags come before branches, as in git."""
        version = self._version
        patterns = (
            [f"refs/tags/{version}", f"refs/tags/{version}^{{}}", f"refs/heads/{version}"] if version else ["HEAD"]
        )
        listed = self._remotely(["ls-remote", "--symref", "--", self._address.url, *patterns]).decode(errors="replace")
        lines = [line.partition("\t") for line in listed.splitlines()]
        found = {name: value for value, _, name in lines if not value.startswith("ref: ")}
        for name in (f"refs/tags/{version}", f"refs/heads/{version}") if version else ("HEAD",):
            if name in found:
                heads = {target.removeprefix("ref: ") for target, _, source in lines if source == name == "HEAD"}
                branch = next((head for head in (*heads, name) if head.startswith("refs/heads/")), None)
                commit = found.get(f"{name}^{{}}", found[name])
                return name, commit, branch.removeprefix("refs/heads/") if branch else None
        if not version:
            raise DoesNotExist(f"The project {self._address.shown!r} is a git repository without commits.")
        return None, "", None

    def _by_id(self, commit: str) -> str:
        if self._has(commit):
            return commit
        try:
            return self._fetch_one(commit)
        except GitFailed:  # not every server gives out commits by their id
            return self._after_all(commit)

    def _short(self) -> str:
        assert self._version is not None
        if not _SHORT.fullmatch(self._version):
            raise self._unknown()
        return self._after_all(self._version.lower())

    def _after_all(self, commit: str) -> str:
        """A commit among all that branches and tags lead to."""
        shallow = self._locally(["rev-parse", "--is-shallow-repository"]) == "true"
        self._fetch(["--unshallow"] if shallow else [], _ALL)
        try:
            return self._kept(f"{commit}^{{commit}}")
        except GitFailed:
            raise self._unknown() from None

    def _fetch_one(self, name: str) -> str:
        refspec = [f"+{name}:{_FETCHED}"]
        try:
            self._fetch(["--depth=1"], refspec)
        except GitFailed as failure:
            if "shallow" not in failure.report:
                raise
            self._fetch([], refspec)  # a server of plain files sends all or nothing
        return self._kept(f"{_FETCHED}^{{commit}}")

    def _fetch(self, options: list[str], refspecs: list[str] | tuple[str, ...]) -> None:
        _log.info("Fetching %s", self._address.shown)
        options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", *options]
        self._remotely([self._place, "fetch", *options, "--", self._address.url, *refspecs])

    def _kept(self, name: str) -> str:
        commit = self._locally(["rev-parse", "--verify", "--quiet", "--end-of-options", name])
        self._locally(["update-ref", f"refs/mlyard/commits/{commit}", commit])
        return commit

    def _has(self, commit: str) -> bool:
        try:
            self._locally(["rev-parse", "--verify", "--quiet", f"refs/mlyard/commits/{commit}"])
        except GitFailed:
            return False
        return True

    def _locally(self, arguments: list[str]) -> str:
        return git([self._place, *arguments]).decode(errors="replace").strip()

    def _remotely(self, arguments: list[str]) -> bytes:
        return git(arguments, config=self._config, users_config=True)

    def _unknown(self) -> DoesNotExist | InvalidParameter:
        return DoesNotExist(
            f"The project {self._address.shown!r} has no version {self._version!r}: use a branch, a tag or a commit "
            "that one of them contains."
        )
