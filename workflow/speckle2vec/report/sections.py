"""The sections of the page, each made of the products it tells of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import yaml

from speckle2vec.products.accepted import AcceptedSamples
from speckle2vec.products.catalogue import ACCEPTED, accepted, read_catalogue
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import Statistics, read_statistics
from speckle2vec.progress import LOGGER
from speckle2vec.report.alike import read_alike
from speckle2vec.report.blocks import Fold, Part
from speckle2vec.report.classes import Cover, read_cover
from speckle2vec.report.codes_part import compression_part
from speckle2vec.report.cubes_part import cubes_part, example_samples
from speckle2vec.report.data_part import COLUMNS, data_part
from speckle2vec.report.labels_part import labels_part
from speckle2vec.report.map_part import map_part
from speckle2vec.report.projection import flatten
from speckle2vec.report.samples import COLUMNS as SHOWN_COLUMNS
from speckle2vec.report.samples import SampleProducts, Shown, shown_samples
from speckle2vec.report.scores_part import landcover_part, probes_part
from speckle2vec.report.sheets import draw_sheets
from speckle2vec.report.timings_part import timings_part
from speckle2vec.report.training_part import training_part
from speckle2vec.report.words import count
from speckle2vec.settings.root import Settings


@dataclass(frozen=True)
class Products(SampleProducts):
    """Where the products stand that the page is made of."""

    nearest: Path
    """What each sample is most like."""
    history: Path
    """The epochs of the training."""
    timings: Path
    """Folder of the jobs' timings."""
    compression: Path
    probes: Path
    landcover: Path


class Sections:
    """The sections, with what they are made of: each read once and only where it is needed."""

    def __init__(self, settings: Settings, keys: Sequence[ShardKey], products: Products) -> None:
        self.settings, self.keys, self.products = settings, keys, products

    @cached_property
    def catalogue(self) -> pa.Table:
        """What the catalogue says of all samples, in the columns that are told."""
        columns = dict.fromkeys((*COLUMNS, *SHOWN_COLUMNS))
        return read_catalogue(self.products.catalogue, list(columns))

    @cached_property
    def samples(self) -> AcceptedSamples:
        """The accepted ones."""
        return AcceptedSamples(accepted(self.catalogue))

    @cached_property
    def statistics(self) -> Statistics:
        """Mean and spread of the features, to scale pictures by."""
        return read_statistics(self.products.statistics)

    @cached_property
    def shown(self) -> Shown:
        """The samples that stand on the map, with their embeddings."""
        most, seed = self.settings.report.points, self.settings.seed
        return shown_samples(self.keys, self.products.embeddings, self.samples, most, seed)

    @cached_property
    def cover(self) -> Cover | None:
        """Land cover of the accepted samples, where there are labels."""
        labels = self.products.labels
        return None if labels is None else read_cover(self.keys, labels, self.samples)

    def facts(self) -> list[tuple[str, str]]:
        """What stands on top of the page."""
        total = self.catalogue["verdict"].to_pylist().count(ACCEPTED)
        model = self.settings.model
        return [
            (f"{total:,}", f"samples of {len(self.catalogue):,} accepted"),
            (f"{len(self.keys):,}", "shards"),
            (model.features, count(len(self.statistics.features), "feature")),
            (model.encoder, f"by {model.method}"),
            ("1,024", "numbers a sample"),
        ]

    def part(self, name: str) -> Part:
        """One section."""
        LOGGER.info("Section %s", name)
        made: Callable[[], Part] = getattr(self, f"_{name}")
        return made()

    def _data(self) -> Part:
        chosen = self.settings.report
        return data_part(self.catalogue, self.shown.left_out, chosen.points, self.settings.seed)

    def _cubes(self) -> Part:
        most, shown = self.settings.report.examples, self.shown
        names = example_samples(shown.ids.tolist(), self.cover, most, self.settings.seed)
        shards, places = shown.shards(), shown.places()
        samples = {name: shards[places[name]] for name in names}
        return cubes_part(self.products.cubes, samples, self.statistics, self.cover)

    def _training(self) -> Part:
        return training_part(self.products.history, self.settings.model.path)

    def _map(self) -> Part:
        chosen, shown = self.settings.report, self.shown
        sheets = draw_sheets(self.products.cubes, shown.by_shard(), self.statistics)
        alike = read_alike(self.products.nearest, shown.places(), chosen.neighbours)
        flat = flatten(shown.embeddings, chosen, self.settings.seed)
        features = self.statistics.features
        return map_part(shown, flat, alike, sheets, self.cover, features, self.settings.model.path)

    def _labels(self) -> Part:
        if self.cover is None:
            told = "There are no labels: give some by `labels.path`, as docs/landcover.md tells."
            return Part("labels", "Land cover", told)
        return labels_part(self.cover)

    def _compression(self) -> Part:
        return compression_part(self.products.compression, self.settings.codes.points)

    def _probes(self) -> Part:
        return probes_part(self.products.probes)

    def _landcover(self) -> Part:
        return landcover_part(self.products.landcover)

    def _timings(self) -> Part:
        return timings_part(self.products.timings)

    def _settings(self) -> Part:
        text = yaml.safe_dump(self.settings.model_dump(mode="json"), sort_keys=True)
        told = "With these settings and the same code, the same data give the same bytes."
        return Part("settings", "The exact settings", told, [Fold("Show them", text)])
