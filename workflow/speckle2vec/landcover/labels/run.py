"""The stage that says what lies in each pixel of the accepted samples of one shard."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from speckle2vec.choices import LABEL_SOURCES
from speckle2vec.landcover.labels.base import Source
from speckle2vec.landcover.labels.classes import OUTSIDE, Legend
from speckle2vec.landcover.labels.grids import grid_of, told
from speckle2vec.products.catalogue import accepted, read_catalogue_part
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import NODATA
from speckle2vec.progress import LOGGER, track
from speckle2vec.readers.label_files import label_files
from speckle2vec.settings.root import Settings

_COLUMNS = (
    "sample_id", "row", "place", "longitude", "latitude", "crs", "affine", "height", "width",
    "verdict",
)  # fmt: skip


def label_shard(
    settings: Settings, key: ShardKey, catalogue: Path, made: Path, output: Path
) -> None:
    """Write the labels of one shard, each sample on its own grid.

    Samples are worked on one by one, so that memory holds one; shards run beside each
    other in processes of their own.

    Args:
        settings: All settings.
        key: The shard.
        catalogue: The shard's part of the catalogue.
        made: Folder in which the workflow writes simulated corpora.
        output: The product, `results/labels/{corpus}/{shard}.zarr.zip`.

    Raises:
        UserError: The source of labels is missing, damaged or not what the settings say,
            or none of its codes is known.
    """
    rows = accepted(read_catalogue_part(catalogue, key, _COLUMNS)).to_pylist()
    legend, files = Legend(settings.labels), label_files(settings, key.corpus, made, key.shard)
    module = importlib.import_module(LABEL_SOURCES[settings.labels.source])
    source: Source = module.open_source(settings.labels, files, legend)
    work = _Work(key, rows, source, legend)
    shapes = [(row["height"], row["width"]) for row in rows]
    write_labels(output, work.samples(), shapes, legend.classes, work.attributes)
    work.tell()


@dataclass
class _Work:
    """The samples of a shard on their way to the product, and what was found on it."""

    key: ShardKey
    rows: Sequence[Mapping[str, Any]]
    source: Source
    legend: Legend
    labelled: int = 0
    """Pixels that have a class."""
    outside: list[str] = field(default_factory=list)
    """Samples about which the source says nothing."""

    def samples(self) -> Iterator[SampleLabels]:
        """The samples in the order of the catalogue."""
        for row in track(self.rows, len(self.rows), f"Labelling {self.key}"):
            image = self.source.read(row["place"], grid_of(row))
            covered = image != OUTSIDE
            image[~covered] = NODATA
            self.labelled += int(np.count_nonzero(image))
            if not covered.any():
                self.outside.append(row["sample_id"])
            yield SampleLabels(row["sample_id"], row["row"], image, float(covered.mean()))

    def attributes(self) -> dict[str, Any]:
        """Level, source and what was not known, for the product."""
        self.legend.check(self.labelled, str(self.key))
        return {
            "corpus": self.key.corpus,
            "shard": self.key.shard,
            "level": self.legend.level,
            "source": self.source.about(),
            "unknown_codes": dict(sorted(self.legend.unknown.items())),
            "source_extent": self.source.extent(),
            "samples_extent": self._extent(),
        }

    def tell(self) -> None:
        """Write into the log what a person should know of the shard."""
        task = f"Labelling {self.key}"
        self.source.tell(task)
        if self.legend.unknown:
            LOGGER.warning(
                "%s: read unknown codes as nodata: %s; name them in `labels.classes` or "
                "`labels.read_as`, or in `labels.nodata_codes`.", task, self.legend.unknown_told(),
            )  # fmt: skip
        if self.outside:
            LOGGER.warning(
                "%s: %d of %d samples lie outside the labels, such as %s; the samples lie at %s, "
                "the labels at %s.", task, len(self.outside), len(self.rows), self.outside[0],
                self._extent(), self.source.extent(),
            )  # fmt: skip

    def _extent(self) -> str:
        places = [(row["longitude"], row["latitude"]) for row in self.rows]
        if not places:
            return "nowhere"
        return told((*np.min(places, axis=0), *np.max(places, axis=0)))
