"""Settings of a user's own labelled places: points, boxes or polygons."""

from typing import Literal

from pydantic import Field, model_validator

from speckle2vec.settings.base import Section


class PlaceColumns(Section):
    """Names of the columns of a CSV, and of the fields of a vector file."""

    longitude: str = "longitude"
    """Of a point, degrees; CSV only."""
    latitude: str = "latitude"
    """Of a point, degrees; CSV only."""
    west: str = "west"
    """Of a box, degrees; CSV only. A box whose west is east of its east crosses the
    antimeridian."""
    south: str = "south"
    """Of a box, degrees; CSV only."""
    east: str = "east"
    """Of a box, degrees; CSV only."""
    north: str = "north"
    """Of a box, degrees; CSV only."""
    label: str = "label"
    """Class of a place."""
    id: str = ""
    """Name of a place; empty: places are named by their row, from 1."""


class PlaceLabels(Section):
    """Places of which a user knows the class, such as coal mines (paper, introduction)."""

    path: str
    """CSV of points or boxes in degrees (WGS 84), or a GeoPackage or GeoJSON of points or
    polygons in any reference system; relative to `data`."""
    layer: str = ""
    """Layer of the vector file; by default its only one."""
    columns: PlaceColumns = PlaceColumns()
    """Names of the columns."""
    classes: tuple[str, ...] = ()
    """Every class there may be; another one stops the run. Empty: those of the file."""
    positive: str = ""
    """The class that is looked for; empty: the rarest."""
    elsewhere: str = ""
    """Class of the samples that hold no labelled place, for files that name one class
    only; empty: they have none. Samples that share something with a box or polygon, but
    less than `share`, have no class: they neither teach nor are scored."""
    share: float = Field(default=0.5, gt=0, le=1)
    """A sample has the label of a box or polygon that it shares at least so much with, as a
    share of the smaller of the two: a mine that lies by half within the sample, or a
    region that covers half of the sample. A point labels the samples it lies in."""
    conflicts: Literal["refuse", "leave-out"] = "refuse"
    """What happens to a sample that holds places of several classes."""
    modes: tuple[Literal["frozen", "tuned"], ...] = Field(default=("frozen",), min_length=1)
    """Classifiers that are compared: `frozen` is a logistic regression on the embeddings
    as the group `probes` says, `tuned` trains the encoder with one linear layer as
    `landcover.finetune` says."""
    similar: int = Field(default=100, ge=1)
    """How many of the most similar unlabelled samples are listed."""

    @model_validator(mode="after")
    def _classes_are_known(self) -> "PlaceLabels":
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("classes names something twice")
        for name in (self.positive, self.elsewhere):
            if self.classes and name and name not in self.classes:
                raise ValueError(f"classes does not hold {name!r}, which is asked for")
        if len(set(self.modes)) != len(self.modes):
            raise ValueError("modes names something twice")
        return self
