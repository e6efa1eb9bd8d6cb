"""The real pairs of Sentinel-1 and Sentinel-2, by the settings of their experiments."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import yaml
from scipy.ndimage import map_coordinates

from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import PairError
from speckle2vec.readers.listing import list_shards
from speckle2vec.readers.optical import open_optical
from speckle2vec.readers.registry import open_shard
from speckle2vec.settings.load import parse_settings

EXPERIMENTS = Path(__file__).parents[2] / "config" / "experiments"


@pytest.fixture
def experiment(real):
    """Samples and Sentinel-2 of the only shard of an experiment, with untiled patches."""

    def make(name, folder, **changed):
        config = yaml.safe_load((EXPERIMENTS / f"{name}.yaml").read_text())
        ((corpus, declared),) = config["corpora"].items()
        declared |= {"tile": None, **changed}
        data = str(real(folder).parent)
        settings = parse_settings({**config, "data": data}, name)
        (shard,) = list_shards(settings, corpus, Path("made"))
        key = ShardKey(corpus, shard)
        return open_shard(settings, key, Path("made")), open_optical(settings, key, Path("made"))

    return make


def whole(sample):
    return slice(0, sample.grid.shape[0]), slice(0, sample.grid.shape[1])


def stored(path, band=1):
    with rasterio.open(path) as raster:
        return raster.read(band).astype(np.float64)


def test_one_place_of_bigearthnet_has_both(experiment, real):
    radar, optical = experiment("bigearthnet", "bigearthnet-s1-s2-examples")
    (sample,) = (sample for sample in radar.samples if sample.place == "87_48")
    others = [other for other in radar.samples if other is not sample]
    assert len(others) == 7
    for other in others:
        with pytest.raises(PairError, match=f"there is no Sentinel-2 image of place {other.place}"):
            optical.dates(other)
    dates = optical.dates(sample)
    assert sample.sample_id == "87_48_20170613"
    assert [str(date)[:10] for date in dates] == ["2017-06-13"]
    values = optical.read(sample, 0, whole(sample)).values
    assert values.shape == (12, 120, 120)
    assert np.isfinite(values).all()
    folder = real("bigearthnet-s1-s2-examples") / "S2/S2A_MSIL2A_20170613T101031_87_48"
    for position, name in ((1, "B02"), (11, "B12"), (9, "B09")):
        numbers = stored(folder / f"{folder.name}_{name}.tif") / 10_000
        assert values[position].mean() == pytest.approx(numbers.mean(), rel=0.01)
    np.testing.assert_allclose(
        values[1], stored(folder / f"{folder.name}_B02.tif") / 1e4, rtol=1e-6
    )


def test_the_pairs_of_terramesh(experiment, real):
    radar, optical = experiment("terramind", "terramind-examples")
    assert [sample.sample_id for sample in radar.samples] == [
        "38D_378R_2_3_20230610", "609U_541L_3_0_20200111", "637U_59R_1_3_20171030",
    ]  # fmt: skip
    assert str(radar.samples[0].dates[0])[:19] == "2023-06-10T16:04:18"
    for sample in radar.samples:
        assert np.isnat(optical.dates(sample)[0])
        found = optical.read(sample, 0, whole(sample)).values
        path = real("terramind-examples") / "S2L2A" / f"{sample.place}.tif"
        for band in (1, 12):
            np.testing.assert_allclose(found[band - 1], stored(path, band) / 1e4, rtol=1e-6)


def test_the_two_dates_of_the_ssl4eo_patch(experiment, real):
    radar, optical = experiment("ssl4eo-patch-fusion", "ssl4eo-s12-0000200", dates=2)
    (sample,) = radar.samples
    assert [str(date)[:16] for date in sample.dates] == ["2020-06-07T01:08", "2020-09-03T13:12"]
    assert [str(date)[:16] for date in optical.dates(sample)] == [
        "2020-06-04T05:46", "2020-08-13T05:46",
    ]  # fmt: skip
    values = optical.read(sample, 0, whole(sample)).values
    (path,) = real("ssl4eo-s12-0000200").glob("s2a/0000200/20200604*/B4.tif")
    # Sentinel-2 begins four columns east and three rows south of Sentinel-1.
    assert np.isfinite(values[3]).mean() == pytest.approx(260 * 261 / 264**2, abs=0.005)
    assert np.isfinite(values[3, 8:-8, 8:-8]).all()
    with rasterio.open(path) as raster:
        to_source = ~raster.transform @ sample.grid.affine
    rows, columns = np.mgrid[8:256, 8:256] + 0.5
    where = [to_source.e * rows + to_source.f - 0.5, to_source.a * columns + to_source.c - 0.5]
    expected = map_coordinates(stored(path) / 1e4, where, order=1).ravel()
    found = values[3, 8:256, 8:256].ravel()
    # Their pixels differ by half a per cent, where GDAL's kernel is wider than two pixels.
    assert np.corrcoef(found, expected)[0, 1] > 0.999
    unmoved = (stored(path) / 1e4)[8:256, 8:256].ravel()
    assert np.corrcoef(found, unmoved)[0, 1] < 0.8
