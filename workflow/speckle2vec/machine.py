"""What the machine at hand can give to the jobs of a run, and what trainings want of it."""

from pathlib import Path

import psutil

KEPT_FREE = 0.1
ENGINE_MB = 4000
"""What each process of a training takes beside its samples."""
GPUS = Path("/proc/driver/nvidia/gpus")
UNPACKED = 4
"""Bytes in memory a stored byte of cubes, at most: packed halves become plain float32."""


def free_memory() -> int:
    """Memory that jobs may share without swapping, in MB: nine tenths of what is free now."""
    return int(psutil.virtual_memory().available * (1 - KEPT_FREE) / 1e6)


def gpus() -> int:
    """GPUs of NVIDIA that this machine has."""
    return len(list(GPUS.iterdir())) if GPUS.is_dir() else 0


def wanted_gpus(device: str, here: int, ranks: int = 1) -> int:
    """GPUs that a job asks for.

    A cluster would refuse what asks for a GPU that it has not, or let it wait for ever, so
    `auto` asks for one only where jobs run on this machine and it has one.

    Args:
        device: `auto`, `cpu` or `cuda`.
        here: GPUs of this machine where jobs run on it; 0 where they are sent away.
        ranks: Processes side by side, each with a GPU of its own.
    """
    return ranks if device == "cuda" or (device == "auto" and here) else 0


def training_memory(stored_mb: float, most_gb: float, ranks: int = 1) -> int:
    """Memory that a training may take, in MB.

    Args:
        stored_mb: Its input files.
        most_gb: The most its samples may take by the settings; more are streamed.
        ranks: Processes side by side, which all hold the samples.
    """
    return ranks * ENGINE_MB + int(min(ranks * UNPACKED * stored_mb, 1000 * most_gb))
