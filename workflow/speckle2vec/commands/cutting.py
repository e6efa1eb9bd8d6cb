"""Commands that cut corpora from archives.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command, key_of
from speckle2vec.settings.root import Settings


def _cut(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.cut import cut_shard

    outputs = {"S1": given.radar, **({"S2": given.optical} if given.optical else {})}
    cut_shard(
        settings, key_of(given.shard), given.places_file, given.candidates, given.work,
        given.failed, outputs, given.ledger,
    )  # fmt: skip


COMMANDS: dict[str, Command] = {
    "cut": Command("cut one shard of a corpus from an archive",
                   ("shard", "places-file", "candidates", "work", "failed", "radar", "optical",
                    "ledger"), _cut),
}  # fmt: skip
