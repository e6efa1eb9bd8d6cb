"""One thread, since sums depend on their number; and the way to the modules tests share."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def table(tmp_path):
    """A small table of neighbours."""
    from neighbour_tables import LISTS, PLACES, write_table

    return write_table(tmp_path / "table.parquet", PLACES, LISTS)
