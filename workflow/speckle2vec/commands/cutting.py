"""Commands that cut corpora from archives.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command, key_of
from speckle2vec.settings.root import Settings


def _cut(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.cutting.run import cut_shard

    outputs = {"S1": given.radar, **({"S2": given.optical} if given.optical else {})}
    cut_shard(
        settings, key_of(given.shard), given.places_file, given.candidates, given.work,
        given.failed, outputs, given.ledger,
    )  # fmt: skip


def _compare(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.cutting.comparison import compare_corpora

    compare_corpora(settings, (given.corpus, given.other_corpus), given.made, given.output)


COMMANDS: dict[str, Command] = {
    "cut": Command("cut one shard of a corpus from an archive",
                   ("shard", "places-file", "candidates", "work", "failed", "radar", "optical",
                    "ledger"), _cut),
    "compare-corpora": Command("say how the same places differ that were cut from two archives",
                               ("corpus", "other-corpus", "output"), _compare),
}  # fmt: skip
