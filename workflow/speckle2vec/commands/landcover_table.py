"""Commands of the table of land cover: the classifiers of pixels beside it, and its pictures.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command, cells_of, keys_of
from speckle2vec.settings.root import Settings


def _fit_pixels(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.pixels.run import fit_pixels
    from speckle2vec.landcover.table.cells import Cell

    name = f"{given.features}/{given.method}/{given.encoder}/{given.run}"
    fit_pixels(
        settings, Cell.parse(name, settings.seed), keys_of(settings, given.shards, given.made),
        given.cubes, given.labels, given.catalogue, given.statistics, given.output,
    )  # fmt: skip


def _table(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.table.run import make_table

    cells = cells_of(settings, given.cells)
    make_table(settings, cells, given.landcover, given.output, given.markdown)


def _figures(settings: Settings, given: argparse.Namespace) -> None:  # noqa: ARG001
    from speckle2vec.landcover.table.figures import draw_figures

    draw_figures(given.table, given.classes_picture, given.table_picture, given.shares_picture)


COMMANDS: dict[str, Command] = {
    "fit-pixels": Command("fit a classifier of single pixels and count what it says",
                          ("features", "method", "encoder", "run", "shards", "cubes", "labels",
                           "catalogue", "statistics", "output"), _fit_pixels),
    "landcover-table": Command("compare all runs on labels",
                               ("cells", "landcover", "output", "markdown"), _table),
    "landcover-figures": Command("draw the pictures of the table of land cover",
                                 ("table", "classes-picture", "table-picture", "shares-picture"),
                                 _figures),
}  # fmt: skip
