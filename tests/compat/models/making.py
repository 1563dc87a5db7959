"""Saves a model of each kind below a folder: ``making.py MODULE FOLDER`` with MODULE mlflow or mlyard.

The same script runs in mlyard and in every MLflow; what a version of MLflow cannot do yet, it leaves out.
"""

import importlib
import sys
import warnings
from pathlib import Path

from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
sys.path.insert(0, "")
mlflow = importlib.import_module(sys.argv[1])
sklearn_flavor = importlib.import_module(f"{sys.argv[1]}.sklearn")
pyfunc = importlib.import_module(f"{sys.argv[1]}.pyfunc")
VERSION = tuple(int(part) for part in mlflow.__version__.split(".")[:2]) if sys.argv[1] == "mlflow" else (99, 0)
CODE = "code_path" if VERSION < (2, 0) else "code_paths"  # what the argument was called
X, y = load_diabetes(return_X_y=True, as_frame=True)

PACKAGE = "def shout(text):\n    return text.upper() + '!'\n"
MODULE = """
from pathlib import Path


class Reader:
    def __init__(self, text):
        self.text = text

    def predict(self, data):
        return [self.text] * len(data)


def _load_pyfunc(path):
    return Reader(Path(path).read_text())
"""
SCRIPT = """
import mlflow
from mlflow.models import ModelConfig, set_model

word = ModelConfig(development_config={"word": "developed"}).get("word")


class Scripted(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [word] * len(model_input)


set_model(Scripted())
"""


def sklearn_as(form):
    def save(folder):
        model = make_pipeline(StandardScaler(), ElasticNet(alpha=0.1)).fit(X, y)
        signature = mlflow.models.infer_signature(X, model.predict(X))
        sklearn_flavor.save_model(
            model,
            folder,
            serialization_format=form,
            signature=signature,
            input_example=X.head(2),
            pip_requirements=["scikit-learn"],
        )

    return save


def python_class(folder):
    class Shouting(pyfunc.PythonModel):
        def load_context(self, context):
            from shouting import shout

            self.text = shout(Path(context.artifacts["word"]).read_text())

        def predict(self, context, model_input, params=None):
            return [self.text] * len(model_input)

    Path("word.txt").write_text("hello")
    Path("shouting.py").write_text(PACKAGE)
    pyfunc.save_model(
        folder,
        python_model=Shouting(),
        artifacts={"word": "word.txt"},
        pip_requirements=["cloudpickle"],
        **{CODE: ["shouting.py"]},
    )


def python_inner(folder):
    """A model that holds another one, and loads it by the module's name that the script knows it by."""

    class Outer(pyfunc.PythonModel):
        def load_context(self, context):
            self.inner = mlflow.pyfunc.load_model(context.artifacts["inner"])

        def predict(self, context, model_input, params=None):
            return [round(float(value), 6) for value in self.inner.predict(model_input)]

    sklearn_as("cloudpickle")("inner")
    pyfunc.save_model(folder, python_model=Outer(), artifacts={"inner": "inner"}, pip_requirements=["scikit-learn"])


def python_function(folder):
    def count(model_input):
        return [len(model_input)]

    pyfunc.save_model(folder, python_model=count, pip_requirements=["cloudpickle"])


def python_typed(folder):
    def shout(model_input: list[str]) -> list[str]:
        return [text.upper() for text in model_input]

    pyfunc.save_model(folder, python_model=shout, pip_requirements=["cloudpickle"])


def python_script(folder):
    Path("scripted.py").write_text(SCRIPT)
    pyfunc.save_model(folder, python_model="scripted.py", model_config={"word": "saved"}, pip_requirements=["pandas"])


def python_module(folder):
    Path("reading.py").write_text(MODULE)
    Path("data.txt").write_text("from data")
    pyfunc.save_model(
        folder,
        loader_module="reading",
        data_path="data.txt",
        pip_requirements=["pandas"],
        **{CODE: ["reading.py"]},
    )


KINDS = {
    "sklearn-pickle": ((1, 0), sklearn_as("pickle")),
    "sklearn-cloudpickle": ((1, 0), sklearn_as("cloudpickle")),
    "sklearn-skops": ((3, 0), sklearn_as("skops")),
    "python-class": ((1, 0), python_class),
    "python-holding-a-model": ((1, 0), python_inner),
    "python-function": ((2, 0), python_function),
    "python-typed": ((2, 20), python_typed),
    "python-script": ((2, 12), python_script),
    "python-module": ((1, 0), python_module),
}

if __name__ == "__main__":
    target = Path(sys.argv[2])
    for kind, (since, save) in KINDS.items():
        if since <= VERSION:
            save(str(target / kind))
