import numpy as np
import pytest

from speckle2vec.readers.listing import list_shards

OPERA = {
    "source": "geotiff", "path": ".", "files": "*/OPERA*.tif", "units": "linear",
    "calibration": "gamma0", "dates": 4,
    "pattern": r"(?P<place>T\d+-\d+-IW\d)_(?P<date>\d{8}T\d{6}Z)_.*_(?P<band>V[VH])\.tif$",
}  # fmt: skip
PATCH = {
    "source": "geotiff", "path": ".", "files": "s1/*/*/*.tif", "units": "db",
    "calibration": "sigma0", "dates": 2,
    "pattern": r"(?P<place>\d{7})/S1._IW_GRDH_1SDV_(?P<date>\d{8}T\d{6})_.*/(?P<band>V[VH])\.tif",
}  # fmt: skip
CHIPS = {
    "source": "geotiff", "path": "S1", "files": "*.tif", "units": "db", "calibration": "sigma0",
    "dates": 1, "tile": 256, "bands": {"VV": 1, "VH": 2},
    "pattern": r"(?P<place>.+)_S1Hand\.tif$",
}  # fmt: skip


def test_opera_stacks(real, opened, settings_of):
    root = real("opera-rtc-s1-10SGD")
    shards = list_shards(settings_of(root, **OPERA), "mine", root)
    assert len(shards) == 11
    assert {len(files) for files in shards.values()} == {42}
    shard = opened(root, "T137-292319-IW2", **OPERA)
    assert [len(sample.dates) for sample in shard.samples] == [4, 4, 4, 4, 4, 1]
    assert [bool(sample.problem) for sample in shard.samples] == [False] * 5 + [True]
    first = shard.samples[0]
    assert first.sample_id == "T137-292319-IW2_20211119"
    assert first.grid.crs.epsg == 32611
    assert first.grid.shape == (100, 100)
    values = shard.read(0)
    assert values.shape == (4, 2, 100, 100)
    np.testing.assert_allclose(np.nanmean(values, axis=(0, 2, 3)), [-9, -16], atol=1)


def test_the_ssl4eo_patch(real, opened):
    (sample,) = (shard := opened(real("ssl4eo-s12-0000200"), "0000200", **PATCH)).samples
    assert sample.sample_id == "0000200_20200607"
    assert [str(date)[:10] for date in sample.dates] == ["2020-06-07", "2020-09-03"]
    values = shard.read(0)
    assert values.shape == (2, 2, 264, 264)
    np.testing.assert_allclose(np.nanmean(values, axis=(0, 2, 3)), [-10, -17.4], atol=0.1)


def test_the_flood_chips(real, opened):
    shard = opened(real("sen1floods11-chips"), "Nigeria_812045", **CHIPS)
    assert [sample.sample_id for sample in shard.samples] == [
        f"Nigeria_812045_{row}_{column}" for row in (0, 1) for column in (0, 1)
    ]
    shares = [np.isfinite(shard.read(row)).mean() for row in range(4)]
    assert min(shares) == pytest.approx(0.994, abs=1e-3)
    assert max(shares) == 1
