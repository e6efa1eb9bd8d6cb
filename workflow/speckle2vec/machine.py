"""What the machine at hand can give to the jobs of a run."""

import psutil

KEPT_FREE = 0.1


def free_memory() -> int:
    """Memory that jobs may share without swapping, in MB: nine tenths of what is free now."""
    return int(psutil.virtual_memory().available * (1 - KEPT_FREE) / 1e6)
