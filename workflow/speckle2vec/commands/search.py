"""Commands that search embeddings, and that write them for maps.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from speckle2vec.commands.base import Command, keys_of
from speckle2vec.errors import UserError
from speckle2vec.settings.root import Settings

if TYPE_CHECKING:
    from speckle2vec.evaluate.search.rows import Rows


def _rows(settings: Settings, given: argparse.Namespace) -> "Rows":
    from speckle2vec.evaluate.search.rows import rows_of_parts

    keys = keys_of(settings, given.shards, given.made)
    return rows_of_parts(keys, given.catalogue, given.embeddings)


def _nearest(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.search.csv import print_list, write_list
    from speckle2vec.evaluate.search.query import COLUMNS, row_of_id, row_of_point, similar
    from speckle2vec.evaluate.search.rows import rows_of_table

    if (given.id is None) == (given.point is None):
        raise UserError("Name one sample by --id, or a place by --point=lon,lat.")
    rows = rows_of_table(given.embeddings)
    reach = settings.search.reach_km
    row = row_of_id(rows, given.id) if given.id else row_of_point(rows, given.point, reach)
    lines = similar(settings, rows, row, given.count, given.index)
    if given.output:
        write_list(given.output, COLUMNS, lines)
    else:
        print_list(sys.stdout, COLUMNS, lines)


def _index(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.search.index import index_embeddings

    index_embeddings(settings, _rows(settings, given), given.output)


def _nearest_of_all(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.search.nearest import nearest_of_all

    nearest_of_all(settings, _rows(settings, given), given.index, given.output)


def _duplicates(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.search.lists import list_duplicates

    list_duplicates(settings, _rows(settings, given), given.nearest, given.output)


def _outliers(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.search.lists import list_outliers

    list_outliers(settings, _rows(settings, given), given.nearest, given.output)


def _change(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.evaluate.search.change import list_changes

    list_changes(settings, _rows(settings, given), given.output)


PARTS = ("shards", "catalogue", "embeddings")
COMMANDS: dict[str, Command] = {
    "nearest": Command(
        "list the samples most like one, which is named by id or by a point; --embeddings is a "
        "table such as results/embeddings.parquet",
        ("embeddings", "id", "point", "count", "index", "output"), _nearest,
        optional=("index", "output")),
    "search-index": Command("index the embeddings of a model", (*PARTS, "output"), _index),
    "search-nearest": Command("list what each sample is most like",
                              (*PARTS, "index", "output"), _nearest_of_all),
    "duplicates": Command("list the pairs of samples that are all but equal",
                          (*PARTS, "nearest", "output"), _duplicates),
    "outliers": Command("list the samples that nothing is like",
                        (*PARTS, "nearest", "output"), _outliers),
    "change": Command("list the places that changed most between two periods",
                      (*PARTS, "output"), _change),
}  # fmt: skip
