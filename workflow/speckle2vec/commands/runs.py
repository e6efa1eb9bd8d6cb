"""The command that looks after runs."""

import argparse
from pathlib import Path

from speckle2vec.commands.base import Command
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings


def _unlock(_: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.runs import unlock

    folder = Path(given.folder)
    if folder.is_dir() and unlock(folder):
        LOGGER.info("%s: a run was killed here; its lock is removed, and it goes on.", folder)


COMMANDS: dict[str, Command] = {
    "unlock": Command(
        "remove the lock of a run that was killed, unless one is alive on this machine",
        ("folder",), _unlock, configured=False, optional=("folder",)),
}  # fmt: skip
