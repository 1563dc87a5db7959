"""Tiny models with weights made at random; their answers mean nothing, but are the same every time."""

from __future__ import annotations

from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "a", "the"]
DATA = {"": ["good film", "bad"], "masked": ["good [MASK]", "[MASK] film"]}
NEEDS = {"pandas", "torch", "transformers"}
RUNS: dict[str, set[str]] = {}
GENERATED = {"max_new_tokens": 3, "do_sample": False}
OPTIONS = {"generated": {"model_config": GENERATED}}


def tokenizer() -> Any:
    words = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    special = {f"{word.lower()}_token": f"[{word}]" for word in ("PAD", "UNK", "CLS", "SEP", "MASK")}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=32, **special)


def bert(kind: Any) -> Any:
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
    )
    return kind(config).eval()


def gpt() -> Any:
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(WORDS), n_embd=16, n_layer=1, n_head=2, n_positions=64, bos_token_id=2, eos_token_id=3
    )
    return transformers.GPT2LMHeadModel(config).eval()


def pipeline(task: str, model: Any) -> Any:
    return transformers.pipeline(task, model=model, tokenizer=tokenizer(), device="cpu")


MODELS = {
    "classes": lambda: pipeline("text-classification", bert(transformers.BertForSequenceClassification)),
    "classes of tokens": lambda: pipeline("token-classification", bert(transformers.BertForTokenClassification)),
    "masked": lambda: pipeline("fill-mask", bert(transformers.BertForMaskedLM)),
    "features": lambda: pipeline("feature-extraction", bert(transformers.BertModel)),
    "generated": lambda: pipeline("text-generation", gpt()),
}
# Of several texts MLflow gives the features of the first one's words, mlyard a row a text.
FUNCTION_ASIDE = {"features"}
# MLflow writes a file about licences.
FILES_ASIDE = {"LICENSE.txt"}


def ask(model: Any, data: Any) -> Any:
    answers = model(data, **(GENERATED if model.task == "text-generation" else {}))
    if model.task == "feature-extraction":
        return [torch.tensor(each)[0].tolist() for each in answers]
    return [[text(each) for each in (answer if isinstance(answer, list) else [answer])] for answer in answers]


def text(answer: Any) -> Any:
    return {name: float(value) if name == "score" else value for name, value in answer.items()}
