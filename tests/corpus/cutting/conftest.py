"""A server of images, for tests that leave it as it is."""

import pytest
from tests.corpus.loopback import CogServer, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(CogServer(tmp_path_factory.mktemp("cogs"))) as server:
        yield server
