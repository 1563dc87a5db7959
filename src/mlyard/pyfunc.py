"""``mlyard.pyfunc``: python_function models under the name that scripts use."""

from __future__ import annotations

from mlyard.models.pyfunc import PyFuncModel, load_model

__all__ = ["PyFuncModel", "load_model"]
