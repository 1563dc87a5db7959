"""``mlyard.projects``: folders, git repositories and zip files with code, and how to run it as a run."""

from mlyard.projects.running import run
from mlyard.projects.submitted import SubmittedRun
from mlyard.projects.sweeps import Sweep, sweep

__all__ = ["SubmittedRun", "Sweep", "run", "sweep"]
