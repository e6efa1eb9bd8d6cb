"""The page as one file that needs nothing else."""

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from speckle2vec.products.whole import whole_file
from speckle2vec.report.blocks import Part

TEMPLATES = Path(__file__).parent / "templates"


def inline(text: str) -> Markup:
    """JSON that may stand inside a script: no text in it can end the script."""
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704


def coded(text: str) -> Markup:
    """Plain text, in which what stands between backquotes is set as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def write_page(
    path: Path,
    title: str,
    facts: Sequence[tuple[str, str]],
    parts: Sequence[Part],
    footer: str,
) -> None:
    """Write the page; whatever text stands in it is shown as text.

    Args:
        path: `results/report.html`.
        title: Its heading.
        facts: What stands on top, such as `("512", "samples")`.
        parts: The sections.
        footer: What it was made with.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"inline": inline, "coded": coded}
    own = {name: Markup((TEMPLATES / file).read_text())  # noqa: S704
           for name, file in (("style", "page.css"), ("script", "page.js"))}  # fmt: skip
    text = environment.get_template("page.html").render(
        title=title, facts=facts, parts=parts, footer=footer,
        library=Markup(get_plotlyjs()), **own,  # noqa: S704
    )  # fmt: skip
    with whole_file(path) as target:
        target.write_text(text)
