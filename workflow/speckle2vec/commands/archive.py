"""Commands that cut a corpus from open archives.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command
from speckle2vec.settings.root import Settings


def _draw_places(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.corpus.sampling.draw import draw_places

    draw_places(settings, given.corpus, given.output)


COMMANDS: dict[str, Command] = {
    "draw-places": Command("draw the places of a corpus that is cut from archives",
                           ("corpus", "output"), _draw_places),
}  # fmt: skip
