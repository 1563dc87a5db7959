"""Identifiers and the names given to runs that have none."""

from __future__ import annotations

import random
import uuid

_ADJECTIVES = [
    "amber",
    "bold",
    "brave",
    "bright",
    "calm",
    "clear",
    "crisp",
    "deft",
    "eager",
    "early",
    "fair",
    "fleet",
    "fresh",
    "gentle",
    "glad",
    "golden",
    "grand",
    "keen",
    "kind",
    "light",
    "lively",
    "lucid",
    "merry",
    "mild",
    "nimble",
    "noble",
    "quick",
    "quiet",
    "rapid",
    "ready",
    "silent",
    "sleek",
    "smart",
    "snug",
    "solid",
    "steady",
    "still",
    "sunny",
    "sure",
    "swift",
    "tidy",
    "vivid",
    "warm",
    "wise",
    "witty",
]
_NOUNS = [
    "acorn",
    "aspen",
    "badger",
    "beaver",
    "birch",
    "brook",
    "cedar",
    "cliff",
    "crane",
    "delta",
    "dune",
    "falcon",
    "fern",
    "finch",
    "fjord",
    "gale",
    "grove",
    "hare",
    "harbor",
    "heron",
    "ibis",
    "lagoon",
    "lark",
    "linnet",
    "lynx",
    "maple",
    "marten",
    "meadow",
    "mesa",
    "orchid",
    "otter",
    "owl",
    "pine",
    "plover",
    "raven",
    "reef",
    "ridge",
    "robin",
    "sedge",
    "spruce",
    "stoat",
    "swan",
    "thrush",
    "tern",
    "vale",
    "wren",
]


def new_run_id() -> str:
    """32 hex characters."""
    return uuid.uuid4().hex


def new_model_id() -> str:
    """``m-`` and 32 hex characters."""
    return f"m-{uuid.uuid4().hex}"


def new_request_id() -> str:
    """32 hex characters."""
    return uuid.uuid4().hex


def new_run_name() -> str:
    """Adjective-noun-number, 20 characters at most: readable, not unique."""
    return f"{random.choice(_ADJECTIVES)}-{random.choice(_NOUNS)}-{random.randrange(1000)}"  # noqa: S311 - a name, not a secret
