import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.registry import open_shard
from speckle2vec.settings.load import parse_settings


@pytest.fixture(scope="session")
def fakes():
    """The functions of fakes.py, which stands beside this file."""
    spec = importlib.util.spec_from_file_location("fakes", Path(__file__).parent / "fakes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def settings_of():
    """Settings with the corpora given by name, and data below a folder."""

    def make(data, corpora=None, **corpus):
        values = {"data": str(data), "corpora": corpora or {"mine": corpus}}
        return parse_settings(values, "test")

    return make


@pytest.fixture(scope="session")
def opened(settings_of):
    """Open one shard of the corpus `mine`."""

    def make(data, shard, **corpus):
        return open_shard(settings_of(data, **corpus), ShardKey("mine", shard), Path("made"))

    return make


@pytest.fixture
def memory():
    """An empty fsspec file system that lives in memory."""
    import fsspec

    system = fsspec.filesystem("memory")
    system.store.clear()

    def put(files, root):
        for name, content in files.items():
            system.pipe_file(f"/{root}/{name}", content)

    yield SimpleNamespace(put=put, system=system)
    system.store.clear()
