"""Which runs of the workflow are alive, and locks that none of them holds."""

import shutil
from datetime import datetime
from pathlib import Path

import psutil

from speckle2vec.errors import UserError

LOCKS = Path(".snakemake/locks")
OURS = ("snakemake", "speckle2vec")


def unlock(folder: Path) -> bool:
    """Remove the lock that a killed run has left in a folder.

    Args:
        folder: Where Snakemake works, such as `runs/opera`.

    Returns:
        Whether there was a lock.

    Raises:
        UserError: A run is alive there, on this machine.
    """
    alive = living(folder)
    if alive:
        first = alive[0]
        since = datetime.fromtimestamp(first.create_time()).astimezone()
        raise UserError(
            f"{folder.resolve()}: a run works here (process {first.pid}, since "
            f"{since:%Y-%m-%d %H:%M:%S}); wait until it has ended, or stop it with Ctrl-C or "
            f"`kill {first.pid}`."
        )
    locks = folder / LOCKS
    held = locks.is_dir() and any(locks.iterdir())
    if held:
        shutil.rmtree(locks)
    return held


def living(folder: Path) -> list[psutil.Process]:
    """Processes of this machine that run the workflow in a folder, the oldest first.

    Jobs that outlived their Snakemake count: they still write. A caller does not count
    itself nor those that called it.
    """
    me = psutil.Process()
    mine = {me.pid, *(one.pid for one in me.parents())}
    found = [one for one in psutil.process_iter() if one.pid not in mine and _works(one, folder)]
    return sorted(found, key=lambda one: one.create_time())


def _works(process: psutil.Process, folder: Path) -> bool:
    try:
        # The interpreter and what it runs; arguments may name anything, such as the log of a run.
        named = {Path(word).name for word in process.cmdline()[:4]}
        return not named.isdisjoint(OURS) and Path(process.cwd()) == folder.resolve()
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False
