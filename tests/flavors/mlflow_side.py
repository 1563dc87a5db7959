"""A program for real MLflow: loads the models that it is given, and saves the same ones.

    python mlflow_side.py FOLDER_WITH_MODELS FOLDER_FOR_MODELS TRAINED.py…

The last line that it prints is a JSON object: flavor to form to what python_function and the flavor answered.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def plain(answer: Any) -> Any:
    """Any answer in lists and dicts."""
    if hasattr(answer, "to_dict") and hasattr(answer, "columns"):
        return plain(answer.to_dict("list"))
    if hasattr(answer, "tolist"):
        return answer.tolist()
    if isinstance(answer, dict):
        return {str(name): plain(value) for name, value in answer.items()}
    if isinstance(answer, (list, tuple)):
        return [plain(each) for each in answer]
    return answer.isoformat() if hasattr(answer, "isoformat") else answer


def main(given: str, made: str, *programs: str) -> None:
    answers = {program: dict(of_flavor(Path(program), Path(given), Path(made))) for program in programs}
    print(json.dumps({Path(program).stem: answer for program, answer in answers.items()}))


def of_flavor(program: Path, given: Path, made: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    import mlflow

    spec = importlib.util.spec_from_file_location(f"trained_{program.stem}", program)
    assert spec is not None
    assert spec.loader is not None
    trained = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trained)
    flavor = getattr(mlflow, program.stem)
    for form, make in trained.MODELS.items():
        data = trained.DATA.get(form, trained.DATA[""])
        ours, theirs = given / program.stem / form, made / program.stem / form
        try:
            options = {"pip_requirements": ["numpy"], **trained.OPTIONS.get(form, {})}
            flavor.save_model(make(), str(theirs), **options)
            function = plain(mlflow.pyfunc.load_model(str(ours)).predict(data))
            own = plain(trained.ask(flavor.load_model(str(ours)), data))
        except Exception:  # noqa: BLE001 - told to the test of this form; the others go on
            yield form, {"error": traceback.format_exc()}
        else:
            yield form, {"function": function, "own": own}


if __name__ == "__main__":
    main(*sys.argv[1:])
