"""What stands for nothing in Sentinel-2 files, as the settings of a provider declare it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.corpus.scenes import write_cog

from speckle2vec.corpus.cutting.loading import environment, load_image
from speckle2vec.corpus.cutting.numbers import NO_DATA, cloud_mask, reflectance
from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.providers import L2A
from speckle2vec.settings.archive import Provider

GRID = patch_grid(12.0, 48.0, 32632, 64)
NORTH = GRID[:40, :]
MEASURED = 3000


@pytest.fixture
def load(tmp_path):
    """Band and classes of a file that ends within the patch."""

    def load(nodata, values, tagged=None):
        write_cog(tmp_path / "band.tif", values, NORTH, tagged)
        write_cog(tmp_path / "classes.tif", np.full((40, 64), 9, np.uint8), NORTH, None)
        assets = {"B02": {"href": str(tmp_path / "band.tif")},
                  "SCL": {"href": str(tmp_path / "classes.tif")}}  # fmt: skip
        stac = {"type": "Feature", "stac_version": "1.0.0", "id": "one", "geometry": None,
                "properties": {"datetime": "2021-06-01T10:00:00Z"}, "links": [],
                "assets": assets}  # fmt: skip
        collection = replace(L2A, signed=False, nodata=nodata)
        with environment(Provider()):
            found = load_image(json.dumps(stac), collection, ("B02", "SCL"), GRID)
        return reflectance(found["B02"], 0), cloud_mask(found["SCL"], (64, 64))

    return load


def stored(kind, first):
    """Measurements, and in the first ten rows another number."""
    values = np.full((40, 64), MEASURED, kind)
    values[:10] = first
    return values


@pytest.mark.parametrize(
    ("nodata", "kind", "tagged"),
    [(0, np.uint16, None), (0, np.uint16, 0), (65_535, np.uint16, None),
     (65_535, np.uint16, 65_535), (-9999, np.int16, None), (-9999, np.int16, -9999)],
)  # fmt: skip
def test_declared_nodata_and_what_lies_outside_the_file_is_no_measurement(
    load, nodata, kind, tagged
):
    bands, clouds = load(nodata, stored(kind, nodata), tagged)
    assert (bands[10:40] == MEASURED).all()
    assert not bands[:10].any()
    assert not bands[40:].any()
    assert set(np.unique(clouds[:40])) == {1}
    assert set(np.unique(clouds[40:])) == {NO_DATA}


def test_what_the_file_tells_counts_beside_what_is_declared(load):
    bands, _ = load(0, stored(np.uint16, 65_535), tagged=65_535)
    assert not bands[:10].any()
    assert (bands[10:40] == MEASURED).all()


def test_reflectance_below_zero_stays_a_measurement(load):
    bands, _ = load(0, stored(np.int16, -5), tagged=0)
    assert (bands[:10] == 1).all()
