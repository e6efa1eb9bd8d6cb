"""Numbers of Sentinel-2 that mean nothing, though no tag says so."""

from pathlib import Path

import numpy as np
import pytest

from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.optical import open_optical
from speckle2vec.readers.registry import open_shard

SIDE = 40
WHOLE = slice(0, SIDE), slice(0, SIDE)
PATTERN = r"(?P<place>[^/]+)_(?P<date>\d{8})_(?P<band>B\w+)\.tif$"


@pytest.fixture
def band_of(tmp_path, fakes, settings_of):
    """Write the same numbers for every band, and read one of them."""

    def make(numbers, units, nodata=None):
        fakes.write_stack(tmp_path / "s1", "p", ("20200601",), side=SIDE)
        for name in fakes.OPTICAL:
            path = tmp_path / "s2" / f"p_20200602_{name}.tif"
            fakes.write_raster(path, numbers, nodata=nodata)
        optical = {"path": "s2", "files": "*.tif", "pattern": PATTERN, "units": units}
        declared = fakes.STACK | {"path": "s1", "files": "*.tif", "dates": 1, "optical": optical}
        settings, key = settings_of(tmp_path, **declared, optical_offset=0), ShardKey("mine", "p")
        (sample,) = open_shard(settings, key, Path("made")).samples
        return open_optical(settings, key, Path("made")).read(sample, 0, WHOLE).values[3]

    return make


@pytest.fixture
def reflectance():
    return np.random.default_rng(0).uniform(0.01, 0.5, (SIDE, SIDE)).astype(np.float32)


@pytest.mark.parametrize("nodata", [None, 0])
def test_an_image_of_zeros_alone_holds_nothing(band_of, nodata):
    assert np.isnan(band_of(np.zeros((SIDE, SIDE), np.uint16), "dn", nodata)).all()


@pytest.mark.parametrize("worst", [np.inf, -np.inf, np.nan])
def test_a_reflectance_that_is_not_finite_is_not_known(band_of, reflectance, worst):
    reflectance[3, 4] = worst
    found = band_of(reflectance, "reflectance")
    assert np.argwhere(~np.isfinite(found)).tolist() == [[3, 4]]
    assert np.isnan(found[3, 4])


def test_a_number_that_is_not_finite_is_not_known(band_of, reflectance):
    reflectance[3, 4] = np.inf
    found = band_of(reflectance * 10_000, "dn")
    assert np.argwhere(np.isnan(found)).tolist() == [[3, 4]]


def test_zeros_beside_numbers_are_not_known(band_of):
    numbers = np.full((SIDE, SIDE), 500, np.uint16)
    numbers[:, :7] = 0
    found = band_of(numbers, "dn")
    assert np.isnan(found[:, :7]).all()
    np.testing.assert_allclose(found[:, 7:], 0.05, rtol=1e-6)
