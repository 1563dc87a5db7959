"""``mlyard.pyfunc``: python_function models under MLflow's import path."""

from mlyard.batch.on_spark import *  # noqa: F403
from mlyard.flavors.pyfunc import *  # noqa: F403
from mlyard.models.custom import *  # noqa: F403
from mlyard.models.format.flavor import PYTHON_FUNCTION
from mlyard.models.pyfunc import *  # noqa: F403

FLAVOR_NAME = PYTHON_FUNCTION
