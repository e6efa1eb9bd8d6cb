"""The stage: one page on a run, pictures before words."""

from collections.abc import Sequence
from pathlib import Path

from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import versions
from speckle2vec.report.blocks import Lines, Part
from speckle2vec.report.page import write_page
from speckle2vec.report.sections import Products, Sections
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
    sections = Sections(settings, keys, products)
    asked = [name for name in ABSENT if name in settings.report.sections]
    parts = [sections.part(name) for name in asked]
    parts += _not_asked(settings.report)
    title = f"{', '.join(settings.corpora)} by {settings.model.path}"
    told = ", ".join(f"{name} {version}" for name, version in versions("plotly").items())
    write_page(output, title, sections.facts(), parts, f"Made by {told}.")
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
