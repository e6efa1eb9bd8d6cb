"""What the machine at hand can give to the jobs of a run, and what trainings want of it."""

import psutil

KEPT_FREE = 0.1
ENGINE_MB = 4000
"""What each process of a training takes beside its samples."""
UNPACKED = 4
"""Bytes in memory a stored byte of cubes, at most: packed halves become plain float32."""


def free_memory() -> int:
    """Memory that jobs may share without swapping, in MB: nine tenths of what is free now."""
    return int(psutil.virtual_memory().available * (1 - KEPT_FREE) / 1e6)


def training_memory(stored_mb: float, most_gb: float, ranks: int = 1) -> int:
    """Memory that a training may take, in MB.

    Args:
        stored_mb: Its input files.
        most_gb: The most its samples may take by the settings; more are streamed.
        ranks: Processes side by side, which all hold the samples.
    """
    return ranks * ENGINE_MB + int(min(ranks * UNPACKED * stored_mb, 1000 * most_gb))
