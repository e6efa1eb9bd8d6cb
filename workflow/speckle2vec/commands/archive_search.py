"""Commands that search archives for the images of a corpus.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command, key_of, keys_of
from speckle2vec.settings.root import Settings


def _find_images(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.search.find_images import find_images

    find_images(settings, key_of(given.shard), given.places_file, given.cache, given.output)


def _merge_candidates(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.products.candidates import merge_candidates

    keys = keys_of(settings, given.shards, given.made)
    names = [key.shard for key in keys if key.corpus == given.corpus]
    merge_candidates([given.candidates / f"{name}.parquet" for name in names], given.output)


COMMANDS: dict[str, Command] = {
    "find-images": Command("search archives and choose the images of one shard's places",
                           ("shard", "places-file", "cache", "output"), _find_images),
    "merge-candidates": Command("merge the chosen images of all shards of a corpus",
                                ("corpus", "shards", "candidates", "output"), _merge_candidates),
}  # fmt: skip
