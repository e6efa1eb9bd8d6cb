"""Commands that make the page on a run, and that show its embeddings in a viewer.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse
from pathlib import Path

from speckle2vec.commands.base import Command, keys_of
from speckle2vec.settings.root import Settings


def _report(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.report.run import make_report
    from speckle2vec.report.sections import Products

    products = Products(
        catalogue=given.catalogue, cubes=given.cubes, embeddings=given.embeddings,
        statistics=given.statistics, nearest=given.nearest, history=given.history,
        timings=given.timings, labels=given.labels, compression=given.compression,
        probes=given.probe_table, landcover=given.landcover_table,
    )  # fmt: skip
    make_report(settings, keys_of(settings, given.shards, given.made), products, given.output)


def _explorer(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.report.explorer.run import make_explorer
    from speckle2vec.report.samples import SampleProducts

    products = SampleProducts(
        catalogue=given.catalogue, cubes=given.cubes, embeddings=given.embeddings,
        statistics=given.statistics, labels=given.labels,
    )  # fmt: skip
    make_explorer(settings, keys_of(settings, given.shards, given.made), products, given.explorer)


def _explore(_: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.report.explorer.server import explore

    explore(Path(given.folder), given.port, not given.no_browser)


COMMANDS: dict[str, Command] = {
    "report": Command(
        "make one page on a run: data, training, embeddings, scores, costs",
        ("shards", "catalogue", "cubes", "embeddings", "statistics", "nearest", "history",
         "labels", "compression", "probe-table", "landcover-table", "timings", "output"),
        _report, optional=("labels",)),
    "explorer": Command(
        "write what the explorer shows: vectors, a table, small pictures",
        ("shards", "catalogue", "cubes", "embeddings", "statistics", "labels", "explorer"),
        _explorer, optional=("labels",)),
    "explore": Command(
        "show embeddings in the browser: turn, colour, search, find what is alike",
        ("folder", "port", "no-browser"), _explore, configured=False, optional=("folder",)),
}  # fmt: skip
