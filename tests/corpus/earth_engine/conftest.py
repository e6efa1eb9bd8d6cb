"""Earth Engine on loopback, with one image of each sensor."""

import pytest
from tests.corpus.earth_engine.loopback_service import (
    PROJECT,
    TOKEN,
    EarthEngineService,
    optical_image,
    radar_image,
)
from tests.corpus.loopback import serving


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("EARTHENGINE_PROJECT", PROJECT)
    monkeypatch.setenv("EARTHENGINE_TOKEN", TOKEN)
    with serving(EarthEngineService([radar_image(), optical_image()])) as server:
        yield server
