"""Sphinx's settings for the site that ``build.py`` makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils.nodes import Text

from mlyard.core.version import __version__
from tests.public import public_modules

if TYPE_CHECKING:
    from docutils.nodes import Element, TextElement, document
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "mlyard"
author = "The mlyard authors"
copyright = author  # noqa: A001 - Sphinx's name of it
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
highlight_language = "text"  # the indented blocks of the pages are shell commands and their output
maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True
smartquotes = False  # quotes are often code

autodoc_member_order = "groupwise"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_keyword = True
myst_heading_anchors = 4
myst_enable_extensions = ["strikethrough"]

html_theme = "furo"
html_favicon = "../../web/public/favicon.svg"
pygments_dark_style = "github-dark"
html_title = f"mlyard {release}"
html_static_path = ["style"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_show_copyright = False
html_theme_options = {
    "navigation_with_keys": True,
    # The colors of the web UI.
    "light_css_variables": {
        "color-brand-primary": "#0f766e",
        "color-brand-content": "#0b5f58",
        "color-api-name": "#0b5f58",
        "color-api-pre-name": "#0b5f58",
    },
    "dark_css_variables": {
        "color-brand-primary": "#4fb4a0",
        "color-brand-content": "#76c5b5",
        "color-api-name": "#76c5b5",
        "color-api-pre-name": "#76c5b5",
    },
}

# Signatures and docstrings name classes as the code does; the pages have them under their public names.
PUBLIC: dict[str, str] = {}
for module in public_modules().values():
    for name, value in module.items():
        if isinstance(value, type):
            PUBLIC |= {value.__name__: name, f"{value.__module__}.{value.__qualname__}": name}


def resolve(app: Sphinx, env: BuildEnvironment, node: Element, content: TextElement) -> Element | None:
    """Link a class that is named otherwise than by its public name."""
    public = PUBLIC.get(str(node.get("reftarget")))
    if public is None or node.get("refdomain") != "py":
        return None
    document: Any = node.get("refdoc", env.docname)
    python = env.get_domain("py")
    return python.resolve_xref(env, document, app.builder, "obj", public, node, content)  # type: ignore[arg-type]


def plain_returns(*event: Any) -> None:
    """Keep napoleon from reading the words before a colon as the type of what is returned: it is in the signature."""
    lines: list[str] = event[-1]
    for heading in ("Returns:", "Yields:"):
        if heading in lines:
            first = lines.index(heading) + 1
            lines[first] = f"    :{lines[first]}"


def without_factories(*event: Any) -> tuple[str, str | None] | None:
    """Write ``...`` for a default that msgspec makes anew for each object: ``<factory>`` is not Python."""
    signature, returned = event[-2:]
    if not signature or "<factory>" not in signature:
        return None
    return signature.replace("<factory>", "..."), returned


def dashes(_app: Sphinx, document: document) -> None:
    """Sphinx writes two hyphens between a parameter and its description, and leaves the dash to its smart quotes."""
    for text in list(document.findall(Text)):
        if text == " -- ":
            text.parent.replace(text, Text(" – "))


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-signature", without_factories)
    app.connect("doctree-read", dashes)
    app.connect("missing-reference", resolve)
    app.connect("autodoc-process-docstring", plain_returns, priority=400)  # before napoleon, at 500
