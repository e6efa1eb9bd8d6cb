import logging
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import zarr
from zarr.storage import ZipStore

from speckle2vec.errors import UserError
from speckle2vec.preprocess import fusion, run, samples
from speckle2vec.preprocess.base import Scene, load_feature_set
from speckle2vec.preprocess.fusion import FEATURES, FusionFeatures
from speckle2vec.preprocess.statistics import check_same
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import OpticalImage, PairError, Sample
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.stages import Fusion

KEY = ShardKey("stacks", "place-1")
STACKS = {
    "source": "geotiff", "path": "stacks", "files": "*.tif", "pattern": "(?P<place>.*)",
    "units": "db", "calibration": "gamma0", "dates": 2,
}  # fmt: skip
UNDATED = {"optical": {"files": "*", "pattern": "(?P<place>.*)", "undated": True}}
RADAR = tuple(np.array(["2020-01-03T05:00", "2020-06-03T05:00"], "M8[ms]"))
OPTICAL = tuple(np.array(["2020-01-05T10:00", "2020-05-30T10:00", "2020-06-02T10:00"], "M8[ms]"))


class DrawnRadar:
    def __init__(self, shapes):
        self.shapes = shapes
        self.samples = tuple(
            Sample(f"s{row}", row, f"s{row}", None, RADAR) for row in range(len(shapes))
        )

    def read(self, row):
        shape = 2, 2, *self.shapes[row]
        return np.random.default_rng(row).normal(-12, 4, shape).astype(np.float32)

    def close(self):
        pass


class DrawnOptical:
    """Images that are drawn; what is in `gaps` is their share of unknown pixels, by date."""

    def __init__(self, shapes, dates=OPTICAL, gaps=None, offset=0):
        self.shapes, self.given, self.gaps, self.offset = shapes, dates, gaps or {}, offset
        self.reads, self.closed = [], False

    def dates(self, sample):
        if self.given is None:
            raise PairError(f"there is no Sentinel-2 image of place {sample.place}")
        return self.given

    def whole(self, row, date):
        random = np.random.default_rng([row, date])
        return random.uniform(0, 0.6, (12, *self.shapes[row])).astype(np.float32)

    def read(self, sample, date, window):
        self.reads.append((sample.row, date))
        values = self.whole(sample.row, date)[:, window[0], window[1]]
        share = self.gaps.get(date, 0)
        if share is None:
            raise PairError("b.tif covers other ground than Sentinel-1")
        values[4, : round(share * values.shape[1])] = np.nan
        return OpticalImage(values, self.offset, "the test")

    def close(self):
        self.closed = True


@pytest.fixture
def preprocess(tmp_path, monkeypatch):
    """Preprocess drawn samples of some shapes; give the path of the cubes."""

    def work(shapes, optical=None, threads=1, name="cubes", changed=None, corpus=None):
        optical = optical or DrawnOptical(shapes)
        monkeypatch.setattr(samples, "open_shard", lambda *_: DrawnRadar(shapes))
        monkeypatch.setattr(fusion, "open_optical", lambda *_: optical)
        settings = parse_settings(
            {
                "corpora": {"stacks": STACKS | (corpus or {})},
                "preprocess": {"fusion": {"smallest": 32, **(changed or {})}},
            },
            "test",
        )
        rows = [
            {"sample_id": f"s{row}", "corpus": KEY.corpus, "shard": KEY.shard, "row": row,
             "place": f"s{row}", "height": shape[0], "width": shape[1], "verdict": "accepted",
             "reason": ""}
            for row, shape in enumerate(shapes)
        ]  # fmt: skip
        write_catalogue(pa.Table.from_pylist(rows, schema=SCHEMA), tmp_path / "part.parquet")
        output = tmp_path / f"{name}.zarr.zip"
        run.preprocess_shard(
            settings, KEY, "fusion", tmp_path / "part.parquet", tmp_path, output, threads
        )
        return output

    return work


def recorded(path):
    """What is recorded of each sample beside its cube."""
    group = zarr.open_group(ZipStore(path, mode="r"), mode="r")
    names = ("delay_days", "native", "optical_offset", "optical_offset_source")
    return {name: np.asarray(group[name][:]) for name in names}


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


def test_samples_without_a_pair_are_left_out_with_their_reason(preprocess, caplog):
    shapes = [(40, 40)] * 3

    class Some(DrawnOptical):
        def dates(self, sample):
            return self.given if sample.row == 1 else (OPTICAL[1],)

    with caplog.at_level(logging.INFO, logger="speckle2vec"):
        path = preprocess(shapes, Some(shapes))
    assert "stacks/place-1: 2 of 3 samples have no pair within 3 days." in caplog.text
    with open_cubes(path) as cubes:
        assert cubes.sample_ids == ("s1",)
        assert cubes.rows.tolist() == [1]
        assert cubes.cubes.shape == (1, 14, 40, 40)
        assert cubes.moments.mean.shape == (1, 14)
        assert set(cubes.attributes["left_out"]) == {"s0", "s2"}
        assert cubes.attributes["left_out"]["s0"] == (
            "the nearest Sentinel-2 image, of 2020-05-30, is 3.8 days away, more than "
            "`preprocess.fusion.days` (3)"
        )
        expected = Some(shapes).whole(1, 2).astype(np.float16)
        np.testing.assert_array_equal(cubes.read(0, 1)[0, :12], expected)


def test_a_setting_admits_a_farther_pair(preprocess):
    shapes = [(40, 40)]
    path = preprocess(shapes, DrawnOptical(shapes, OPTICAL[1:2]), changed={"days": 4})
    np.testing.assert_allclose(recorded(path)["delay_days"], [-3 - 19 / 24])
    with open_cubes(path) as cubes:
        assert cubes.attributes["left_out"] == {}


def test_a_shard_of_which_nothing_is_left(preprocess, caplog):
    shapes = [(40, 48)] * 2
    with caplog.at_level(logging.INFO, logger="speckle2vec"):
        path = preprocess(shapes, DrawnOptical(shapes, None))
    assert "2 of 2 samples have no Sentinel-2 image." in caplog.text
    with open_cubes(path) as cubes:
        assert cubes.cubes.shape == (0, 14, 40, 48)
        assert cubes.attributes["left_out"]["s1"] == "there is no Sentinel-2 image of place s1"
    assert recorded(path)["native"].shape == (0, 2)


def test_an_image_with_gaps_gives_way_to_the_next_closest_pair(preprocess):
    shapes = [(40, 40)]
    optical = DrawnOptical(shapes, gaps={2: 0.1})
    path = preprocess(shapes, optical)
    assert optical.reads == [(0, 2), (0, 0)]
    np.testing.assert_allclose(recorded(path)["delay_days"], [2 + 5 / 24])
    with open_cubes(path) as cubes:
        radar = DrawnRadar(shapes).read(0)[0].astype(np.float16)
        np.testing.assert_array_equal(cubes.read(0, 1)[0, 12:], radar)


def test_a_sample_whose_pairs_are_all_unusable_is_left_out(preprocess, caplog):
    shapes = [(40, 40)]
    optical = DrawnOptical(shapes, gaps={2: 0.1, 0: None})
    with caplog.at_level(logging.INFO, logger="speckle2vec"):
        path = preprocess(shapes, optical)
    assert "1 of 1 samples have a pair whose images cannot be used." in caplog.text
    with open_cubes(path) as cubes:
        assert cubes.attributes["left_out"]["s0"] == (
            "B05 has 90.0% usable pixels, less than `minimum_valid` (95.0%); b.tif covers other "
            "ground than Sentinel-1"
        )


def test_few_gaps_are_filled_with_the_median(preprocess):
    shapes = [(40, 40)]
    optical = DrawnOptical(shapes, gaps={2: 0.05})
    with open_cubes(preprocess(shapes, optical)) as cubes:
        band = cubes.read(0, 1)[0, 4]
        assert cubes.attributes["nodata"] == "median of the finite pixels of the same band"
    whole = optical.whole(0, 2)[4]
    np.testing.assert_array_equal(band[2:], whole[2:].astype(np.float16))
    assert set(band[:2].ravel()) == {np.float16(np.median(whole[2:]))}


def test_an_unknown_date_pairs_only_where_a_setting_says_so(preprocess):
    shapes = [(40, 40)]
    optical = DrawnOptical(shapes, (np.datetime64("NaT", "ms"),))
    with open_cubes(preprocess(shapes, optical)) as cubes:
        assert "is not known, so they cannot be paired" in cubes.attributes["left_out"]["s0"]
    path = preprocess(shapes, optical, corpus=UNDATED)
    assert np.isnan(recorded(path)["delay_days"]).all()
    with open_cubes(path) as cubes:
        assert np.isnat(cubes.dates[0, 0])


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
