"""``import mlflow`` is mlyard here. ``mlyard alias remove`` ends that."""

import importlib
import sys
from pathlib import Path

try:
    from mlyard.models.mlflow_alias import take_over
except ModuleNotFoundError as error:
    if error.name != "mlyard":
        raise
    # A Python without mlyard has inherited PYTHONPATH: it gets its own MLflow, if it has one.
    sys.path[:] = [place for place in sys.path if place != str(Path(__file__).parent.parent)]
    del sys.modules[__name__]
    importlib.import_module(__name__)
else:
    take_over()
