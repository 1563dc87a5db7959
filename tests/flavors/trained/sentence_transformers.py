"""A tiny model with weights made at random, put together here."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

import sentence_transformers
import transformers
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

DATA = {"": ["good film", "bad"]}
NEEDS = {"pandas", "sentence-transformers", "torch", "transformers"}
RUNS: dict[str, set[str]] = {}
OPTIONS: dict[str, dict[str, Any]] = {}
# It lies in a temporary folder of another name.
ASIDE = {"source_model_name"}


def parts() -> Any:
    """The module of this folder that makes such models; by its path, since MLflow's side has no package of tests."""
    file = Path(__file__).with_name("transformers.py")
    spec = importlib.util.spec_from_file_location("trained_parts", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def embedding() -> Any:
    made = parts()
    with tempfile.TemporaryDirectory() as folder:
        made.bert(transformers.BertModel).save_pretrained(folder)
        made.tokenizer().save_pretrained(folder)
        words = Transformer(folder, max_seq_length=16)
    return sentence_transformers.SentenceTransformer(modules=[words, Pooling(16)], device="cpu")


MODELS = {"embedding": embedding}


def ask(model: Any, data: Any) -> Any:
    return model.encode(data)
