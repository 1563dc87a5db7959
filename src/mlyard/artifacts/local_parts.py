"""Uploads in parts to a local folder. Each part is written at its offset in one partial file."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mlyard.artifacts.content import exactly
from mlyard.artifacts.folders import PARTIAL, Folder, open_holder, open_place
from mlyard.artifacts.paths import check_file_path
from mlyard.core.errors import DoesNotExist, InvalidParameter
from mlyard.ports.artifacts import Part, Unfinished

_ID = re.compile(r"[0-9a-f]{16}")
_TAG = re.compile(r"(\d{1,18})-(\d{1,18})")


class LocalParts:
    """ports.PartedUploads below a resolved folder. The tag of a part is ``<start>-<size>``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, path: str) -> str:
        """See ports.PartedUploads."""
        with open_place(self._root, check_file_path(path)) as (folder, _):
            partial, stream = folder.create()
            stream.close()
        return partial[len(PARTIAL) :]

    def put_part(self, path: str, upload_id: str, part: Part, content: Iterable[bytes]) -> str:
        """See ports.PartedUploads."""
        upload, fits = self._upload(path, upload_id), _starting_at(part.start)
        with upload as (folder, partial), fits, folder.update(partial) as stream:
            stream.seek(part.start)
            for chunk in exactly(content, part.size, f"Part {part.number} of {path!r}"):
                stream.write(chunk)
        return f"{part.start}-{part.size}"

    def complete(self, path: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """See ports.PartedUploads."""
        end = _end(path, tags)
        with self._upload(path, upload_id) as (folder, partial):
            with folder.update(partial) as stream:
                stream.truncate(end)  # removes what parts wrote that are not in the final list
                os.fsync(stream.fileno())
            folder.rename(partial, path.rpartition("/")[2])
            folder.sync()

    def abort(self, path: str, upload_id: str) -> None:
        """See ports.PartedUploads."""
        with self._upload(path, upload_id) as (folder, partial):
            folder.remove(partial)

    def uploads(self) -> Sequence[Unfinished]:
        """See ports.PartedUploads. Lists every partial file, also those of uploads in one piece."""
        return tuple(
            Unfinished("/".join(partial.relative_to(self._root).parts), int(partial.lstat().st_mtime * 1000))
            for parent, _, names in os.walk(self._root)
            for partial in (Path(parent, name) for name in names if name.startswith(PARTIAL))
        )

    @contextmanager
    def _upload(self, path: str, upload_id: str) -> Iterator[tuple[Folder, str]]:
        check_file_path(path)
        unknown = DoesNotExist(f"There is no such upload of {path!r}: it was completed or aborted.")
        if not _ID.fullmatch(upload_id):
            raise unknown
        try:
            folder, _ = open_holder(self._root, path)
            with folder:
                yield folder, f"{PARTIAL}{upload_id}"
        except (FileNotFoundError, NotADirectoryError):
            raise unknown from None


@contextmanager
def _starting_at(start: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EFBIG, errno.EINVAL}:
            raise
        raise InvalidParameter(
            f"Invalid value {start} for 'start': a file of this size does not fit in the server's file system."
        ) from None


def _end(path: str, tags: Mapping[int, str]) -> int:
    """The offset at which the last part ends. Raises InvalidParameter if the parts are not contiguous."""
    end = 0
    for number, tag in sorted(tags.items()):
        match = _TAG.fullmatch(tag)
        if match is None or int(match[1]) != end:
            raise InvalidParameter(
                f"The parts of {path!r} are not contiguous: part {number} has the tag {tag[:50]!r}, but must start at "
                f"byte {end}."
            )
        end += int(match[2])
    return end
