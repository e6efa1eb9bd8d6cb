"""Settings of the labels: what lies in each pixel, and which source says so."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from speckle2vec.settings.base import Section

Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
MOST_CLASSES = 200
LAYER = "U2018_CLC2018_V2020_20u1"


class Labels(Section):
    """Labels on each sample's own grid (paper, section 2), by default CORINE 2018."""

    source: Literal["demo", "vector", "raster", "osm"] = "demo"
    """`demo` reads the land cover that a simulated corpus was drawn from, `vector` a
    file of polygons (.gpkg, .gdb), `raster` rasters of codes or masks, `osm` what the
    workflow drew of the extract `osm.path`."""
    path: str = ""
    """The file, or the folder of `files`; relative to `data`."""
    layer: str = ""
    """Layer of the vector file; by default its only one, or the one CORINE 2018 is
    published as."""
    field: str = "Code_18"
    """Field of the layer that holds the code; upper and lower case are alike."""
    files: str = ""
    """Glob below `path` where there is one raster a place; empty: `path` is the raster."""
    pattern: str = ""
    """Regular expression over the path below `path`, with the named group `place`, which
    must match the place of the corpus."""
    band: int = Field(default=1, ge=1)
    """Band of the rasters that holds the codes."""
    codes: Literal["clc", "clc-grid"] = "clc"
    """What the numbers are where `classes` is empty: CORINE codes (111 to 523), or the
    numbers 1 to 44 that the 100 m raster of CORINE stores instead."""
    level: Literal[1, 2, 3] = 1
    """Level of CORINE: 5, 15 or 44 classes. Of OpenStreetMap: 1 the themes, else classes."""
    classes: dict[int, str] = Field(default={}, max_length=MOST_CLASSES)
    """Names of other classes by code, such as `{0: land, 1: water}`. They are numbered
    from 1 in the order of their codes; codes of one name are one class."""
    colours: dict[str, Colour] = Field(default={})
    """Colours (`#rrggbb`) of the names in `classes`; those left out are chosen."""
    nodata_codes: tuple[int, ...] = (0, 990, 995, 999)
    """Codes that are no class, where `classes` does not name them."""
    read_as: dict[int, int] = Field(default={})
    """Codes to be read as other codes, such as `{995: 523}`."""

    @model_validator(mode="after")
    def _source_and_path_agree(self) -> "Labels":
        if self.source == "demo" and self.path:
            raise ValueError("`path` is given, so `source` must be vector or raster")
        if self.source == "osm" and self.path:
            raise ValueError("the source osm reads `osm.path`; leave `labels.path` out")
        if self.source in ("vector", "raster") and not self.path:
            raise ValueError(f"the source {self.source} needs a `path`")
        if bool(self.files) != bool(self.pattern):
            raise ValueError("`files` and `pattern` go together: give both or neither")
        if self.files and self.source != "raster":
            raise ValueError("`files` is for rasters: set `source` to raster")
        return self

    @model_validator(mode="after")
    def _colours_are_of_classes(self) -> "Labels":
        unknown = sorted(set(self.colours) - set(self.classes.values()))
        if unknown:
            raise ValueError(f"`colours` names {', '.join(unknown)}, which `classes` does not")
        return self
