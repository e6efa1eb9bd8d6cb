"""Samples whose grid lies nowhere on Earth."""

from pathlib import Path

import pytest

from speckle2vec.ingest.run import ingest_shard
from speckle2vec.products.catalogue import read_catalogue_part
from speckle2vec.products.keys import ShardKey

KEY = ShardKey("mine", "p")
LOCAL = 'LOCAL_CS["unnamed",UNIT["metre",1]]'
MOON = (
    'GEOGCS["Moon 2000",DATUM["D_Moon_2000",SPHEROID["Moon",1737400,0]],'
    'PRIMEM["Reference_Meridian",0],UNIT["Degree",0.0174532925199433]]'
)


@pytest.fixture
def catalogued(fakes, settings_of, tmp_path):
    """Ingest one stack, and return its row of the catalogue."""

    def make(**where):
        fakes.write_stack(tmp_path, "p", ("20200601",), **where)
        settings = settings_of(tmp_path, **fakes.STACK | {"dates": 1})
        ingest_shard(settings, KEY, Path("made"), tmp_path / "part.parquet")
        part = read_catalogue_part(tmp_path / "part.parquet", KEY, drawn=settings.drawn)
        (row,) = part.to_pylist()
        return row

    return make


@pytest.mark.parametrize(
    "where",
    [
        {"crs": LOCAL},
        {"crs": MOON, "origin": (10, 50), "pixel_m": 1e-4},
        {"crs": "EPSG:4326"},
        {"crs": "EPSG:4326", "origin": (50, 100), "pixel_m": 1e-4},
        {"origin": (5e25, 5_200_000)},
    ],
    ids=["local", "moon", "metres-for-degrees", "axes-swapped", "far-away"],
)
def test_a_sample_that_lies_nowhere_on_earth_has_no_position(catalogued, where):
    row = catalogued(**where)
    assert [row[name] for name in ("longitude", "latitude", "block", "split")] == [None] * 4


def test_a_sample_in_degrees_has_its_centre(catalogued):
    row = catalogued(crs="EPSG:4326", origin=(10, 50), pixel_m=1e-4)
    assert row["longitude"] == pytest.approx(10.002, abs=1e-9)
    assert row["latitude"] == pytest.approx(49.998, abs=1e-9)


def test_a_sample_east_of_the_antimeridian_is_in_the_block_of_its_other_name(catalogued):
    over, plain = (
        catalogued(crs="EPSG:4326", origin=(west, 50), pixel_m=1e-4) for west in (200, -160)
    )
    assert over["block"] == plain["block"]
    assert over["longitude"] == pytest.approx(plain["longitude"], abs=1e-9)
