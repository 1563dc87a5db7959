"""``mlyard.pyfunc``: python_function models under the name that scripts use."""

from mlyard.batch.on_spark import *
from mlyard.flavors.pyfunc import *
from mlyard.models.custom import *
from mlyard.models.format.flavor import PYTHON_FUNCTION as FLAVOR_NAME  # noqa: F401 - MLflow's name of it
from mlyard.models.pyfunc import *
