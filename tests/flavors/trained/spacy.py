from __future__ import annotations

from typing import Any

import pandas as pd
import spacy
from spacy.training import Example

DATA = {"": pd.DataFrame({"text": ["good film", "bad film", "a film"]})}
NEEDS = {"pandas", "spacy"}
RUNS: dict[str, set[str]] = {}
OPTIONS: dict[str, dict[str, Any]] = {}


def categorizer() -> Any:
    pipeline = spacy.blank("en")
    categories: Any = pipeline.add_pipe("textcat")
    for label in ("POS", "NEG"):
        categories.add_label(label)
    told = [("good film", 1.0), ("bad film", 0.0)]
    examples = [
        Example.from_dict(pipeline.make_doc(text), {"cats": {"POS": good, "NEG": 1 - good}}) for text, good in told
    ]
    spacy.util.fix_random_seed(0)
    pipeline.initialize(lambda: examples)
    for _ in range(5):
        pipeline.update(examples)
    return pipeline


MODELS = {"categorizer": categorizer}


def ask(model: Any, data: Any) -> Any:
    return [model(text).cats for text in data["text"]]
