"""What a page is put together from: sections of pictures, plots and tables, each with a sentence.

All text in them is plain and untrusted; the template escapes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Plot:
    """A figure that Plotly draws."""

    kind: ClassVar[str] = "plot"
    name: str
    """Unique on the page."""
    figure: str
    """The figure as JSON."""
    told: str
    """One sentence that says what is seen."""
    height: int = 360
    """Pixels on the screen."""
    zoomed: bool = False
    """Whether a person wants to look closer: a map."""
    wide: bool = False
    """Whether it stands alone in its line."""


@dataclass(frozen=True)
class Table:
    """Rows of text; the first column names the row."""

    kind: ClassVar[str] = "table"
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    told: str


@dataclass(frozen=True)
class Picture:
    """One picture inside the page."""

    uri: str
    """A data URI."""
    alt: str
    caption: str
    side: int
    """Pixels."""


@dataclass(frozen=True)
class Pictures:
    """Pictures of one subject, as many a line as fit."""

    kind: ClassVar[str] = "pictures"
    title: str
    pictures: Sequence[Picture]
    told: str = ""


@dataclass(frozen=True)
class Explorer:
    """The map of the embeddings, with pictures under the pointer and rows of neighbours."""

    kind: ClassVar[str] = "explorer"
    plot: Plot
    data: str
    """Samples, neighbours and pictures as JSON, for the script of the page."""
    sheets: Sequence[str]
    """Data URIs of the sheets of small pictures."""
    told: str


@dataclass(frozen=True)
class Fold:
    """Plain text that is folded away."""

    kind: ClassVar[str] = "fold"
    title: str
    text: str


@dataclass(frozen=True)
class Lines:
    """Short texts below each other."""

    kind: ClassVar[str] = "lines"
    lines: Sequence[str]


Block = Plot | Table | Pictures | Explorer | Fold | Lines


@dataclass(frozen=True)
class Part:
    """A section of the page."""

    name: str
    title: str
    told: str
    """What it shows, or why it shows nothing."""
    blocks: Sequence[Block] = ()
