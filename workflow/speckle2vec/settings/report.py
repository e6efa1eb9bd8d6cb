"""Settings of the page a person reads."""

from typing import Literal

from pydantic import Field, field_validator

from speckle2vec.settings.base import Section

SectionName = Literal[
    "data", "cubes", "training", "map", "labels", "compression", "probes", "landcover",
    "timings", "settings",
]  # fmt: skip


class Report(Section):
    """The report, `results/report.html`."""

    sections: tuple[SectionName, ...] = Field(
        default=("data", "cubes", "training", "map", "labels", "timings", "settings"),
        min_length=1,
    )
    """What the page holds. `labels` is left out where there are none. `compression` has every code
    made and probed; `probes` and `landcover` train the whole grid: name them to have them."""
    points: int = Field(default=25_000, ge=10)
    """The most samples on the maps, each with its picture; of more, so many are drawn."""
    examples: int = Field(default=4, ge=1, le=20)
    """Samples of which every feature is shown."""
    neighbours: int = Field(default=6, ge=1, le=20)
    """Most similar samples shown beside one, of those that `search.nearest` lists."""
    projection: Literal["auto", "pca", "tsne"] = "auto"
    """How embeddings become a map: `pca` shows the two directions of most variance, `tsne` keeps
    near what is near (van der Maaten and Hinton 2008); `auto` takes t-SNE for at most
    `tsne_most` samples."""
    tsne_most: int = Field(default=5000, ge=10)
    """The most samples for which `auto` takes t-SNE; 5000 take about a minute."""

    @field_validator("sections")
    @classmethod
    def _nothing_twice(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) != len(names):
            raise ValueError("sections names something twice")
        return names
