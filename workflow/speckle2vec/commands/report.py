"""The command that makes the page on a run.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command, keys_of
from speckle2vec.settings.root import Settings


def _report(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.report.run import Products, make_report

    products = Products(
        catalogue=given.catalogue, cubes=given.cubes, embeddings=given.embeddings,
        statistics=given.statistics, nearest=given.nearest, history=given.history,
        timings=given.timings, labels=given.labels, compression=given.compression,
        probes=given.probe_table, landcover=given.landcover_table,
    )  # fmt: skip
    make_report(settings, keys_of(settings, given.shards, given.made), products, given.output)


COMMANDS: dict[str, Command] = {
    "report": Command(
        "make one page on a run: data, training, embeddings, scores, costs",
        ("shards", "catalogue", "cubes", "embeddings", "statistics", "nearest", "history",
         "labels", "compression", "probe-table", "landcover-table", "timings", "output"),
        _report, optional=("labels",)),
}  # fmt: skip
