"""One class of OpenStreetMap features: which tags make it, and how wide it is drawn."""

import re
from typing import Literal

from pydantic import Field, field_validator

from speckle2vec.settings.base import Section
from speckle2vec.settings.labels import Colour

Form = Literal["point", "line", "area", "marked-area"]
_CONDITION = re.compile(r"[^=\s]+=[^=]+")


class OsmClass(Section):
    """A class of features (paper, section 2: points, lines and polygons of OpenStreetMap)."""

    theme: str = Field(min_length=1)
    """The theme it belongs to: one layer of the rasters."""
    code: int = Field(ge=1, le=65_535)
    """Its number, for `labels.classes`."""
    tags: tuple[str, ...] = Field(min_length=1)
    """Which tags make it: one of these. `highway=primary|secondary` is either value,
    `building=*` any value but `no`; `natural=water + water=river` needs both."""
    forms: tuple[Form, ...] = ("area",)
    """What is taken: `point` nodes, `line` ways, `area` multipolygons and closed ways,
    `marked-area` multipolygons and those closed ways that say area=yes."""
    width: float = Field(default=0.0, ge=0, le=1000)
    """How wide lines and points are drawn, metres; never less than a pixel."""
    colour: Colour = "#808080"
    """Its colour, `#rrggbb`."""
    ground: bool = True
    """Whether it covers the ground, so that it counts in labels; a power line does not."""

    @field_validator("tags")
    @classmethod
    def _tags_are_conditions(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        for text in tags:
            if not all(_CONDITION.fullmatch(one.strip()) for one in text.split(" + ")):
                raise ValueError(f"{text!r} is no tag; write it as `key=value`")
        return tags
