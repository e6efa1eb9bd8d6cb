"""The stage: one page on a run, pictures before words."""

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
from speckle2vec.provenance import versions
from speckle2vec.report.alike import read_alike
from speckle2vec.report.blocks import Fold, Lines, Part
from speckle2vec.report.classes import Cover, read_cover
from speckle2vec.report.codes_part import compression_part
from speckle2vec.report.cubes_part import cubes_part, example_samples
from speckle2vec.report.data_part import COLUMNS, data_part
from speckle2vec.report.labels_part import labels_part
from speckle2vec.report.map_part import map_part
from speckle2vec.report.page import write_page
from speckle2vec.report.projection import flatten
from speckle2vec.report.samples import COLUMNS as SHOWN_COLUMNS
from speckle2vec.report.samples import SampleProducts, Shown, shown_samples
from speckle2vec.report.scores_part import landcover_part, probes_part
from speckle2vec.report.sheets import draw_sheets
from speckle2vec.report.timings_part import timings_part
from speckle2vec.report.training_part import training_part
from speckle2vec.report.words import count
from speckle2vec.settings.report import Report
from speckle2vec.settings.root import Settings

ABSENT = {
    "data": "Places, dates and refused samples",
    "cubes": "Samples with all their features",
    "training": "Curves of the training",
    "map": "The map of the embeddings",
    "labels": "Shares of land cover",
    "compression": "Codes in fewer bytes, each made and probed,",
    "probes": "Probes of all models, for which the whole grid is trained,",
    "landcover": "Land cover by IoU, for which the whole grid is trained on labels,",
    "timings": "Time and memory of every rule",
    "settings": "The settings",
}


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


def make_report(
    settings: Settings, keys: Sequence[ShardKey], products: Products, output: Path
) -> None:
    """Write the page.

    Memory holds what the catalogue says of all samples, and embeddings and a sheet of
    pictures of those that are shown (`report.points`).

    Args:
        settings: All settings; the groups `report` and `model` count, and all are printed.
        keys: The shards.
        products: What it is made of; tables are read for the sections that are asked for.
        output: `results/report.html`.

    Raises:
        UserError: A product is missing or damaged, or two are not of one run.
    """
    source = _Source(settings, keys, products)
    asked = [name for name in ABSENT if name in settings.report.sections]
    parts = [source.part(name) for name in asked]
    parts += _not_asked(settings.report)
    title = f"{', '.join(settings.corpora)} by {settings.model.path}"
    told = ", ".join(f"{name} {version}" for name, version in versions("plotly").items())
    write_page(output, title, source.facts(), parts, f"Made by {told}.")
    LOGGER.info("%s: %.1f MB", output, output.stat().st_size / 1e6)


def _not_asked(chosen: Report) -> list[Part]:
    """One line for each section that is not there."""
    lines = [
        f"{told} not asked for: name `{name}` among them."
        for name, told in ABSENT.items()
        if name not in chosen.sections
    ]
    told = "Set `report.sections` and run `snakemake results/report.html` again."
    return [Part("more", "What else can be here", told, [Lines(lines)])] if lines else []


class _Source:
    """What sections are made of, each read once and only where it is needed."""

    def __init__(self, settings: Settings, keys: Sequence[ShardKey], products: Products) -> None:
        self.settings, self.keys, self.products = settings, keys, products

    @cached_property
    def catalogue(self) -> pa.Table:
        columns = dict.fromkeys((*COLUMNS, *SHOWN_COLUMNS))
        return read_catalogue(self.products.catalogue, list(columns))

    @cached_property
    def samples(self) -> AcceptedSamples:
        return AcceptedSamples(accepted(self.catalogue))

    @cached_property
    def statistics(self) -> Statistics:
        return read_statistics(self.products.statistics)

    @cached_property
    def shown(self) -> Shown:
        most, seed = self.settings.report.points, self.settings.seed
        return shown_samples(self.keys, self.products.embeddings, self.samples, most, seed)

    @cached_property
    def cover(self) -> Cover | None:
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
