"""``mlyard.pyfunc``: python_function models under MLflow's import path."""

from mlyard.batch import on_spark as _on_spark
from mlyard.batch.on_spark import *  # noqa: F403
from mlyard.flavors import pyfunc as _flavor
from mlyard.flavors.pyfunc import *  # noqa: F403
from mlyard.models import custom as _custom
from mlyard.models import pyfunc as _model
from mlyard.models.custom import *  # noqa: F403
from mlyard.models.pyfunc import *  # noqa: F403

FLAVOR_NAME = _flavor.FLAVOR

__all__ = ["FLAVOR_NAME"]
__all__ += _on_spark.__all__
__all__ += _flavor.__all__
__all__ += _custom.__all__
__all__ += _model.__all__
