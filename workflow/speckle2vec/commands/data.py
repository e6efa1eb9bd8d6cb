"""Commands from raw data to cubes and statistics.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse
import sys

from speckle2vec.commands.base import Command, key_of, keys_of, pretraining_keys, raw_files_of
from speckle2vec.settings.root import Settings


def _land_cover(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.simulated.demo import draw_land_cover

    draw_land_cover(settings, given.corpus, given.output)


def _simulate(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.simulated.demo import draw_shard

    key = key_of(given.shard)
    draw_shard(settings, key.corpus, key.shard, given.modality, given.land_cover, given.output)


def _shards(settings: Settings, given: argparse.Namespace) -> None:
    sys.stdout.writelines(f"{key}\n" for key in keys_of(settings, given.shards))


def _ingest(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.ingest.run import ingest_shard

    key = key_of(given.shard)
    ingest_shard(settings, key, given.made, given.output, raw_files_of(given.raw_files, key))


def _catalogue(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.ingest.merge import merge_catalogue

    keys = keys_of(settings, given.shards, given.made)
    merge_catalogue(settings, keys, given.catalogue, given.output)


def _neighbours(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.ingest.neighbours import make_neighbours

    keys = pretraining_keys(settings, given.shards, given.made)
    make_neighbours(settings, keys, given.catalogue, given.output)


def _preprocess(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.preprocess.run import preprocess_shard

    key = key_of(given.shard)
    preprocess_shard(
        settings, key, given.features, given.catalogue, given.made, given.output, given.threads,
        raw_files_of(given.raw_files, key),
    )  # fmt: skip


def _statistics(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.preprocess.statistics import merge_statistics

    keys = pretraining_keys(settings, given.shards, given.made)
    merge_statistics(settings, keys, given.features, given.cubes, given.catalogue, given.output)


COMMANDS: dict[str, Command] = {
    "land-cover": Command("draw the land cover of a simulated corpus", ("corpus", "output"),
                          _land_cover),
    "simulate": Command("draw one shard of a simulated corpus",
                        ("shard", "modality", "land-cover", "output"), _simulate),
    "shards": Command("list the shards of the corpora", ("shards",), _shards),
    "ingest": Command("check the samples of one raw shard", ("shard", "raw-files", "output"),
                      _ingest),
    "catalogue": Command("merge the catalogue of all shards", ("shards", "catalogue", "output"),
                         _catalogue),
    "neighbours": Command("list the samples near each sample, for tile2vec",
                          ("shards", "catalogue", "output"), _neighbours),
    "preprocess": Command("compute the cubes of one shard",
                          ("shard", "features", "catalogue", "raw-files", "threads", "output"),
                          _preprocess),
    "statistics": Command("merge the statistics of the features",
                          ("shards", "features", "cubes", "catalogue", "output"), _statistics),
}  # fmt: skip
