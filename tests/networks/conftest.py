import pytest
import torch


@pytest.fixture(autouse=True)
def _two_threads():
    """Networks this small are no quicker on more, and much slower on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(before, 2))
    yield
    torch.set_num_threads(before)
