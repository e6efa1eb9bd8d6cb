"""Settings of what embeddings are judged by: the grid of models and the probes."""

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import Field, model_validator

from speckle2vec.settings.base import Section

LAND_COVER = "land-cover"
WATER_SHARE, WATER_PRESENT = "water-share", "water-present"
OF_PIXELS = (LAND_COVER, WATER_SHARE, WATER_PRESENT)
"""Labels built in that are read from the rasterised labels, as those of `SHARE` are."""
OF_CATALOGUE = ("latitude", "longitude", "season")
"""Labels built in that the catalogue tells."""
SHARE = "share-"


def share_label(name: str) -> str:
    """What the share of a class is called as a label, such as `share-forest-and-shrubs`."""
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()
    return SHARE + "-".join(words)


def of_pixels(label: str) -> bool:
    """Whether a label that is built in is read from the rasterised labels."""
    return label in OF_PIXELS or (
        label.startswith(SHARE) and label != SHARE and label == share_label(label[len(SHARE) :])
    )


def known_labels(tables: Iterable[str]) -> str:
    """What can be asked, for a sentence."""
    return ", ".join((*OF_PIXELS, f"{SHARE}CLASS", *OF_CATALOGUE, *tables))


class Grid(Section):
    """The models that are trained and compared, all by one target."""

    features: tuple[Literal["sar-temporal", "fusion"], ...] = ("sar-temporal",)
    """Feature sets."""
    methods: tuple[Literal["none", "simclr", "vae", "tile2vec", "csf", "mae"], ...] = (
        "none",
        "simclr",
        "vae",
        "tile2vec",
        "csf",
        "mae",
    )
    """Pretraining methods, each with every encoder."""
    encoders: tuple[
        Literal["cnn-transformer", "resnet18", "resnet34", "resnet18-attention"], ...
    ] = ("cnn-transformer",)
    """Networks, each with every feature set."""
    baselines: tuple[Literal["pixel-statistics", "random-convolutions", "pca"], ...] = (
        "pixel-statistics",
        "random-convolutions",
        "pca",
    )
    """Encoders that learn nothing, which stand beside every table."""
    seeds: tuple[int, ...] = ()
    """Seeds of the trainings; data and splits keep the run's own seed. The model of a
    seed other than that stands in `{encoder}@{seed}`. None trains from the run's own."""

    def models(self, own_seed: int) -> tuple[str, ...]:
        """Names of the models, baselines last within a feature set.

        Args:
            own_seed: The run's own seed, whose models carry none in their names.
        """
        marks = ["" if seed == own_seed else f"@{seed}" for seed in self.seeds or (own_seed,)]
        encoders = [f"{encoder}{mark}" for encoder in self.encoders for mark in marks]
        names = []
        for features in self.features:
            names += [f"{features}/{method}/{one}" for method in self.methods for one in encoders]
            names += [f"{features}/none/{baseline}" for baseline in self.baselines]
        return tuple(names)

    @model_validator(mode="after")
    def _nothing_twice(self) -> "Grid":
        for name, values in self:
            if len(set(values)) != len(values):
                raise ValueError(f"{name} names something twice")
        if any(seed < 0 for seed in self.seeds):
            raise ValueError("seeds must be whole numbers from 0")
        return self


class LabelTable(Section):
    """A user's own table of labels: Parquet or CSV with the columns `id` and `label`."""

    path: str
    """The file; relative to `data`. An empty label, `nan`, `NA` and `null` are none."""
    kind: Literal["classification", "regression"] = "classification"
    """What is asked: which class, or how much."""
    unmatched: Literal["refuse", "leave-out"] = "refuse"
    """What happens where samples have no label or labels no sample: `refuse` stops,
    `leave-out` probes on those that agree."""


class Probes(Section):
    """Linear probes: how well one linear layer on the embeddings tells a label."""

    labels: tuple[str, ...] = (LAND_COVER,)
    """What is asked. `land-cover` is the majority class of each sample; `share-` and the name
    of a class, such as `share-water-bodies`, its share of the labelled pixels; `water-share`
    that of all water and `water-present` whether it is above 5 %; `latitude`, `longitude`;
    `season` of the first date; and names of `tables`."""
    tables: dict[str, LabelTable] = Field(default={})
    """Label tables by name; they come before what is built in."""
    scored: tuple[Literal["validation", "test"], ...] = Field(default=("test",), min_length=1)
    """Splits that are scored together; validation as well where the test blocks are few."""
    folds: int = Field(default=5, ge=2)
    """Folds of whole blocks, within the training blocks, that choose the strength."""
    strengths: tuple[float, ...] = Field(
        default=(0.0001, 0.001, 0.01, 0.1, 1.0, 10.0), min_length=1
    )
    """Candidates for C of the logistic regression, which is 1 / alpha of the ridge
    regression; smaller regularises more."""
    most: int = Field(default=20_000, ge=100)
    """The most training samples a probe, or a classifier of places, is fitted on; of more, so
    many are drawn. Numbers are drawn evenly, classes in equal parts: all of a class that
    has less than its part, and more of the larger ones instead."""
    groups: str = "^([^_]+)_"
    """Regular expression over the name of a place; what its first parentheses hold, such as
    the country in `Ghana_53713`, is left out in turn for `results/groups/LABEL.csv`."""
    draws: int = Field(default=2000, ge=100)
    """Draws of the bootstrap over blocks."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Share of the draws that lies inside an interval."""

    @model_validator(mode="after")
    def _labels_are_known(self) -> "Probes":
        for name in self.tables:
            if name == LAND_COVER or not name.replace("-", "").replace("_", "").isalnum():
                raise ValueError(
                    f"the table name {name!r} may hold letters, digits, - and _ only, and "
                    f"{LAND_COVER} is taken"
                )
        for name in self.labels:
            if not (name in self.tables or name in OF_CATALOGUE or of_pixels(name)):
                known = known_labels(self.tables)
                raise ValueError(f"labels holds {name!r}, but there are {known}")
        try:
            re.compile(self.groups)
        except re.error as error:
            raise ValueError(f"groups is no regular expression ({error})") from error
        if not all(strength > 0 for strength in self.strengths):  # NaN is not either
            raise ValueError("strengths must be above 0")
        return self
