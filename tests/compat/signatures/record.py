"""Records what MLflow answers to the cases, into recorded.json.

python tests/compat/signatures/record.py --mlflow-python .cache/mlflow-3.17.2/bin/python
"""

from __future__ import annotations

import argparse
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
MLFLOW_VERSION = "3.17.2"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mlflow-python", required=True)
    python = parser.parse_args().mlflow_python
    asked = [python, "-c", "import importlib.metadata as m; print(m.version('mlflow'))"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    if version != MLFLOW_VERSION:
        raise SystemExit(f"mlflow {version} is installed there, not {MLFLOW_VERSION}")
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [python, "-W", "ignore", HERE / "playing.py", HERE / "recorded.json"]
    subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
