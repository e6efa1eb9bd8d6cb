"""Commands that bring OpenStreetMap to the samples of a corpus.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command, key_of, keys_of
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.root import Settings


def _features(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.osm.extract import extract_features

    extract_features(settings, _keys(settings, given), given.catalogue, given.output)


def _outlines(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.osm.outlines import write_outlines

    write_outlines(settings, _keys(settings, given), given.catalogue, given.output)


def _keys(settings: Settings, given: argparse.Namespace) -> tuple[ShardKey, ...]:
    keys = keys_of(settings, given.shards, given.made)
    chosen = tuple(key for key in keys if key.corpus == given.corpus)
    if not chosen:
        raise UserError(
            f"There is no corpus {given.corpus!r} with shards; there are "
            f"{', '.join(settings.corpora)}."
        )
    return chosen


def _layers(settings: Settings, given: argparse.Namespace) -> None:  # noqa: ARG001
    from speckle2vec.corpus.osm.rasters import draw_layers

    draw_layers(key_of(given.shard), given.catalogue, given.features_file, given.output)


COMMANDS: dict[str, Command] = {
    "osm-features": Command("take what OpenStreetMap knows around the samples of a corpus",
                            ("corpus", "shards", "catalogue", "output"), _features),
    "osm-outlines": Command("write where the samples of a corpus lie, to cut a large extract by",
                            ("corpus", "shards", "catalogue", "output"), _outlines),
    "osm-layers": Command("draw the OpenStreetMap features of one shard as rasters",
                          ("shard", "catalogue", "features-file", "output"), _layers),
}  # fmt: skip
