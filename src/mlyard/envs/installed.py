"""Whether the current environment already meets a spec."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

from mlyard.envs import python
from mlyard.envs.spec import EnvironmentSpec

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+?)\s*(==\s*(?P<version>[A-Za-z0-9.!_-]+))?")


def missing(spec: EnvironmentSpec) -> list[str]:
    """The requirements that the current environment does not meet.

    Only names and exact versions are compared. All other requirements count as missing.
    """
    lacks = [line for line in spec.requirements.lines if not _is_installed(line)]
    if spec.python not in (None, python.this()):
        lacks.insert(0, f"python {spec.python}")
    return lacks + [file.name for file in spec.requirements.files]


def _is_installed(line: str) -> bool:
    found = _PIN.fullmatch(line)
    if not found:
        return False
    try:
        # A local version ('2.13.0+cpu') is another build of the public version ('2.13.0').
        installed = version(found["name"]).partition("+")[0]
    except PackageNotFoundError:
        return False
    return found["version"] in (None, installed)
