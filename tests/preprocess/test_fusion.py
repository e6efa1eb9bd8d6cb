from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.preprocess.drawn_pairs import (
    KEY,
    OPTICAL,
    RADAR,
    STACKS,
    DrawnOptical,
    DrawnRadar,
    recorded,
)

from speckle2vec.errors import UserError
from speckle2vec.preprocess import run
from speckle2vec.preprocess.base import Scene, load_feature_set
from speckle2vec.preprocess.fusion import FEATURES, FusionFeatures
from speckle2vec.preprocess.statistics import check_same
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import Sample
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.stages import Fusion


def test_a_cube_is_both_images_of_the_closest_pair(preprocess):
    shapes = [(40, 48)] * 3
    optical = DrawnOptical(shapes)
    with open_cubes(preprocess(shapes, optical)) as cubes:
        assert cubes.features == FEATURES
        assert cubes.features[:4] == ("B01", "B02", "B03", "B04")
        assert cubes.features[12:] == ("VV", "VH")
        assert cubes.attributes["units"]["B8A"] == "reflectance"
        assert cubes.attributes["units"]["VH"] == "dB"
        assert cubes.attributes["calibration"] == "gamma0"
        assert cubes.attributes["recipe"] == {"feature_set": "fusion"}
        assert cubes.attributes["settings"]["days"] == 3
        assert cubes.cubes.dtype == np.float16
        assert cubes.cubes.chunks == (1, 14, 40, 48)
        values = cubes.read(0, 3)
        for row in range(3):
            # 2 June is 18.8 hours before 3 June, 5 January 2 days after 3 January.
            expected = optical.whole(row, 2).astype(np.float16)
            np.testing.assert_array_equal(values[row, :12], expected)
            radar = DrawnRadar(shapes).read(row)[1].astype(np.float16)
            np.testing.assert_array_equal(values[row, 12:], radar)
        assert cubes.dates.tolist() == [[OPTICAL[2].item(), RADAR[1].item()]] * 3
        finite = values.astype(np.float64)
        np.testing.assert_allclose(cubes.moments.mean, finite.mean(axis=(2, 3)), atol=1e-12)
    assert optical.closed
    assert sorted(optical.reads) == [(0, 2), (1, 2), (2, 2)]


def test_what_is_recorded(preprocess):
    path = preprocess([(40, 48)] * 2, DrawnOptical([(40, 48)] * 2, offset=-1000))
    found = recorded(path)
    np.testing.assert_allclose(found["delay_days"], -19 / 24)
    assert found["native"].tolist() == [[40, 48]] * 2
    assert found["optical_offset"].tolist() == [-1000] * 2
    assert found["optical_offset_source"].tolist() == ["the test"] * 2


def test_bytes_do_not_depend_on_the_threads(preprocess):
    shapes = [(33, 40)] * 11
    products = [preprocess(shapes, threads=n, name=f"t{n}").read_bytes() for n in (1, 3)]
    assert products[0] == products[1]


def test_two_origins_of_the_same_reflectance_go_together(preprocess):
    shapes = [(32, 32)]
    paths = [
        preprocess(shapes, DrawnOptical(shapes, offset=offset), name=f"o{offset}")
        for offset in (0, -1000)
    ]
    told = []
    for path in paths:
        with open_cubes(path) as cubes:
            told.append(cubes.attributes)
    check_same("fusion", KEY, told[0], ShardKey("stacks", "other"), told[1])


def test_patches_of_one_shard_get_one_shape(preprocess):
    shapes = [(40, 48), (20, 31), (90, 33)]
    optical = DrawnOptical(shapes)
    path = preprocess(shapes, optical, changed={"largest": 64})
    assert recorded(path)["native"].tolist() == [list(shape) for shape in shapes]
    with open_cubes(path) as cubes:
        assert cubes.cubes.shape == (3, 14, 64, 48)
        values = cubes.read(0, 3)
    low = [optical.whole(row, 2).astype(np.float16) for row in range(3)]
    np.testing.assert_array_equal(values[0, :12, 12:52], low[0])
    np.testing.assert_array_equal(values[0, :12, :12], low[0][:, 12:0:-1])
    np.testing.assert_array_equal(values[1, :12, 22:42, 8:39], low[1])
    np.testing.assert_array_equal(values[2, :12, :, 7:40], low[2][:, 13:77])


@pytest.mark.parametrize(
    ("patches", "shape"),
    [([], (128, 128)), ([(120, 120)], (128, 128)), ([(264, 264)], (264, 264)),
     ([(500, 140), (200, 100)], (264, 140))],
)  # fmt: skip
def test_the_shape_of_a_shard(patches, shape):
    assert FusionFeatures(Fusion()).shape_of(patches) == (14, *shape)


def test_what_a_file_does_not_say_stops_the_shard(preprocess, tmp_path):
    class Silent(DrawnOptical):
        def read(self, sample, date, window):
            raise UserError("b.tif: does not say whether")

    with pytest.raises(UserError, match=r"sample s0: b.tif: does not say whether"):
        preprocess([(40, 40)], Silent([(40, 40)]))
    assert [path.name for path in tmp_path.iterdir()] == ["part.parquet"]


def test_a_corpus_without_sentinel_2_is_told_before_any_work(tmp_path):
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "a.tif").touch()
    corpus = STACKS | {"bands": {"VV": 1, "VH": 2}, "dates": 1}
    settings = parse_settings({"data": str(tmp_path), "corpora": {"stacks": corpus}}, "test")
    write_catalogue(pa.Table.from_pylist([], schema=SCHEMA), tmp_path / "part.parquet")
    with pytest.raises(UserError, match=r"need Sentinel-2, and corpus 'stacks' has none: declare"):
        run.preprocess_shard(
            settings, KEY, "fusion", tmp_path / "part.parquet", tmp_path, Path("x"), 1
        )


def test_the_dates_of_sar_temporal_follow_its_features():
    sample = Sample("s", 0, "s", None, RADAR)
    images = np.random.default_rng(0).normal(-12, 4, (2, 2, 70, 70)).astype(np.float32)
    for order, expected in (("date", RADAR), ("season", RADAR[::-1])):
        values = {"corpora": {"stacks": STACKS}, "preprocess": {"sar_temporal": {"order": order}}}
        settings = parse_settings(values, "test")
        feature_set = load_feature_set("sar-temporal", settings)
        scene = Scene(sample, settings.corpora["stacks"], lambda: images)
        assert tuple(feature_set.cube(scene, feature_set.shape).dates) == tuple(expected)
