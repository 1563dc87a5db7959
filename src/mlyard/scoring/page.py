"""The page at /docs: the model's input, and a form to try it. It loads nothing from other servers."""

from __future__ import annotations

import html
from base64 import b64encode
from hashlib import sha256
from typing import Any

import msgspec

from mlyard.models.pyfunc import PyFuncModel
from mlyard.models.signature.schema import ColSpec, Schema, TensorSpec
from mlyard.scoring.openapi import sample, title

_SCRIPT = """
const form = document.querySelector("form"), body = document.querySelector("textarea"), out = document.querySelector("output");
form.addEventListener("submit", async event => {
  event.preventDefault();
  out.textContent = "…";
  try {
    const answer = await fetch("invocations", {method: "POST", headers: {"Content-Type": "application/json"}, body: body.value});
    out.textContent = answer.status + " " + await answer.text();
  } catch (error) { out.textContent = String(error); }
});
"""  # noqa: E501 - a script
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
table { border-collapse: collapse } td, th { border: 1px solid #c9d1d9; padding: .25rem .75rem; text-align: left }
textarea { width: 100%; min-height: 12rem; font: 14px monospace; box-sizing: border-box }
output { display: block; white-space: pre-wrap; font: 14px monospace; background: #f3f4f6; padding: .75rem }
button { font: inherit; padding: .25rem 1rem; margin: .5rem 0 }
"""


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The page's Content-Security-Policy: allows its own script and style only."""


def page(model: PyFuncModel, example: Any = None) -> bytes:
    """The page as HTML."""
    schema = model.signature.inputs if model.signature else None
    if example is None:
        example = sample(schema) if schema else {"inputs": [[0]]}
    name = html.escape(title(model))
    body = html.escape(msgspec.json.format(msgspec.json.encode(example), indent=2).decode())
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{_STYLE}</style>
<h1>{name}</h1>
<h2>Input</h2>
{_inputs(schema)}
<h2>Try it</h2>
<form>
<label for="body">POST <code>invocations</code>, <code>Content-Type: application/json</code></label>
<textarea id="body" spellcheck="false">{body}</textarea>
<button>Send</button>
</form>
<output aria-live="polite">The answer will appear here.</output>
<p>For programs: <a href="openapi.json">openapi.json</a>. For Prometheus: <a href="metrics">metrics</a>.</p>
<script>{_SCRIPT}</script>
</html>
""".encode()


def _inputs(schema: Schema | None) -> str:
    if not schema:
        return "<p>The model has no signature, so its input is not known.</p>"
    rows = "".join(
        f"<tr><td>{html.escape(str(place if spec.name is None else spec.name))}</td>"
        f"<td><code>{html.escape(_type(spec))}</code></td><td>{'' if spec.required else 'optional'}</td></tr>"
        for place, spec in enumerate(schema.inputs)
    )
    return f"<table><tr><th>Name</th><th>Type</th><th></th></tr>{rows}</table>"


def _type(spec: ColSpec | TensorSpec) -> str:
    return f"{spec.type} {spec.shape}" if isinstance(spec, TensorSpec) else repr(spec.type)
