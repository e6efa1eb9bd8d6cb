from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pyproj
import pytest

from speckle2vec.errors import UserError
from speckle2vec.ingest.run import ingest_shard
from speckle2vec.products.catalogue import PART, read_catalogue_part
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.stages import Splits

KEY = ShardKey("mine", "train-000001")


@pytest.fixture
def catalogued(fakes, settings_of, tmp_path):
    """Write a published shard, ingest it, and return the rows of the catalogue."""

    def make(dataset, **corpus):
        fakes.write_zarr(tmp_path / "data", dataset)
        settings = settings_of(
            tmp_path / "data", source="ssl4eo", path=".", folders=["train"], **corpus
        )
        return rows_of(settings, KEY, tmp_path)

    return make


def rows_of(settings, key, folder):
    part = folder / "part.parquet"
    ingest_shard(settings, key, Path("made"), part)
    return read_catalogue_part(part, key, drawn=settings.drawn).to_pylist()


def reasons(rows):
    assert all((row["verdict"] == "accepted") == (not row["reason"]) for row in rows)
    return [row["reason"] for row in rows]


def test_good_samples_are_accepted_and_described(catalogued, fakes, tmp_path):
    dataset = fakes.published(samples=3)
    rows = catalogued(dataset, id_prefix="x-")
    assert reasons(rows) == ["", "", ""]
    assert pq.read_schema(tmp_path / "part.parquet").equals(PART)
    row = rows[1]
    assert (row["corpus"], row["shard"], row["row"]) == ("mine", "train-000001", 1)
    assert (row["sample_id"], row["place"]) == ("x-0000001", "0000001")
    assert row["crs"] == "EPSG:32632"
    assert row["affine"] == [10, 0, 500_000, 0, -10, 5_200_000]
    assert (row["height"], row["width"], row["valid"]) == (40, 40, 1)
    assert [str(date)[:10] for date in row["dates"]] == [
        "2020-01-10", "2020-04-10", "2020-07-10", "2020-10-09",
    ]  # fmt: skip
    to_degrees = pyproj.Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True)
    centre = to_degrees.transform(500_200, 5_199_800)
    np.testing.assert_allclose((row["longitude"], row["latitude"]), centre, atol=1e-12)
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True)
    x, y = to_plane.transform(*centre)
    assert row["block"] == f"{int(x // 25_000)}_{int(y // 25_000)}"
    assert row["split"] in ("train", "validation", "test", "buffer")


def test_the_same_shard_gives_the_same_bytes(catalogued, fakes, tmp_path):
    catalogued(fakes.published())
    first = (tmp_path / "part.parquet").read_bytes()
    catalogued(fakes.published())
    assert (tmp_path / "part.parquet").read_bytes() == first


def test_a_part_does_not_depend_on_seed_and_splits(fakes, settings_of, tmp_path):
    fakes.write_zarr(tmp_path / "data", fakes.published(samples=8))
    plain = settings_of(tmp_path / "data", source="ssl4eo", path=".", folders=["train"])
    other = plain.model_copy(
        update={"seed": 7, "splits": Splits(block_km=5, train=0, validation=0, test=1)}
    )
    found = []
    for settings in (plain, other):
        rows = rows_of(settings, KEY, tmp_path)
        found.append(((tmp_path / "part.parquet").read_bytes(), rows))
    assert found[0][0] == found[1][0]
    own, others = ({row["split"] for row in rows} for _, rows in found)
    assert own != others
    assert found[0][1][0]["block"] != found[1][1][0]["block"]


def test_an_image_without_values_is_refused(catalogued, fakes):
    dataset = fakes.published()
    dataset["bands"].values[1, 2, 1] = np.nan
    rows = catalogued(dataset)
    assert reasons(rows) == ["", "VH of 2020-07-10 has no finite pixel", ""]
    assert rows[1]["valid"] == 0


def test_a_constant_image_is_refused(catalogued, fakes):
    dataset = fakes.published()
    dataset["bands"].values[0, 1, 0] = -12.5
    dataset["bands"].values[2, 0, 0] = 0
    # Half of it missing: the constant is still the reason.
    dataset["bands"].values[0, 1, 0, :20] = np.nan
    found = reasons(catalogued(dataset))
    assert found[0] == "VV of 2020-04-10 is constant (-12.5 dB)"
    assert found[2].startswith("VV of 2020-01-10 is constant (0 dB)")


def test_gaps_are_admitted_up_to_a_share(catalogued, fakes):
    dataset = fakes.published()
    dataset["bands"].values[0, 0, 0, 0] = np.nan
    dataset["bands"].values[1, 3, 1, :4] = np.nan
    rows = catalogued(dataset)
    assert [row["valid"] for row in rows] == pytest.approx([39 / 40, 0.9, 1])
    expected = "VH of 2020-10-09 has 90.0% finite pixels, less than `minimum_valid` (95.0%)"
    assert reasons(rows) == ["", expected, ""]
    assert reasons(catalogued(dataset, minimum_valid=0.9)) == ["", "", ""]


def test_the_first_of_two_ids_is_kept(catalogued, fakes):
    dataset = fakes.published(samples=4)
    names = dataset["sample"].values.copy()
    names[2] = names[3] = names[0]
    found = reasons(catalogued(dataset.assign_coords(sample=names)))
    expected = "has the id of an earlier sample of the shard, 0000000"
    assert found == ["", "", expected, expected]


def test_a_refused_sample_does_not_block_its_id(catalogued, fakes):
    dataset = fakes.published(samples=2)
    dataset["bands"].values[0] = np.nan
    names = [dataset["sample"].values[0]] * 2
    first, second = reasons(catalogued(dataset.assign_coords(sample=names)))
    assert first
    assert not second


def test_dates_out_of_order_are_refused_unless_admitted(catalogued, fakes):
    dataset = fakes.published()
    dates = dataset["time_"].values.copy()
    dates[1, [1, 2]] = dates[1, [2, 1]]
    dates[2, 3] = np.datetime64("NaT")
    dataset["time_"] = (("sample", "time"), dates)
    found = reasons(catalogued(dataset))
    assert found[0] == ""
    assert found[1].startswith("its dates do not ascend: 2020-04-10 follows 2020-07-10; `date_ord")
    assert found[2].startswith("has 1 date unknown")
    rows = catalogued(dataset, date_order="any")
    assert reasons(rows) == ["", "", ""]
    assert rows[2]["dates"][3] is None


def test_fewer_dates_than_declared_are_refused(catalogued, fakes):
    found = reasons(catalogued(fakes.published(dates=3)))
    assert found == ["has 3 dates where 4 are declared"] * 3


def test_samples_without_a_position_are_refused(catalogued, fakes):
    dataset = fakes.published().drop_vars(["center_lat", "center_lon"])
    dataset["x_"].values[1] = np.nan
    rows = catalogued(dataset)
    assert [bool(reason) for reason in reasons(rows)] == [False, True, False]
    assert rows[1]["reason"].startswith("is not georeferenced")
    missing = ("longitude", "latitude", "crs", "affine", "height", "block", "split", "valid")
    assert all(rows[1][name] is None for name in missing)


def test_single_samples_in_other_units_are_refused(catalogued, fakes):
    dataset = fakes.published()
    bands = dataset["bands"].values
    bands[1] = 10 ** (bands[1].astype("f4") / 10)
    found = reasons(catalogued(dataset))
    assert found[0] == found[2] == ""
    assert "sample 0000001, VV of date 1: no value of 1600 is below 0 though" in found[1]


def test_a_shard_in_other_units_stops(catalogued, fakes, tmp_path):
    dataset = fakes.published()
    bands = dataset["bands"].values
    bands[:] = 10 ** (bands.astype("f4") / 10)
    bands[2] = np.nan
    sentence = r"000001.zarr.zip, sample 0000000, VV .*set `units: linear`, or convert .*No sample"
    with pytest.raises(UserError, match=sentence):
        catalogued(dataset)
    assert not (tmp_path / "part.parquet").exists()


def test_a_damaged_shard_stops_and_leaves_nothing(fakes, settings_of, tmp_path):
    path = fakes.write_zarr(tmp_path, fakes.published())
    path.write_bytes(path.read_bytes()[:-500])
    settings = settings_of(tmp_path, source="ssl4eo", path=".", folders=["train"])
    with pytest.raises(UserError, match=r"000001.zarr.zip: cannot be read .*download it again"):
        ingest_shard(settings, KEY, Path("made"), tmp_path / "out" / "part.parquet")
    assert not (tmp_path / "out").exists()


def test_problems_a_reader_saw_are_recorded(fakes, settings_of, tmp_path):
    fakes.write_stack(tmp_path, "p", ["20200101", "20200201", "20200301"])
    settings = settings_of(tmp_path, **fakes.STACK)
    rows = rows_of(settings, ShardKey("mine", "p"), tmp_path)
    assert [(row["sample_id"], row["reason"]) for row in rows] == [
        ("p_20200101", ""), ("p_20200301", "1 date left over after groups of 2"),
    ]  # fmt: skip


def test_pixels_of_another_shape_than_the_grid_are_refused():
    from odc.geo.geobox import GeoBox

    from speckle2vec.ingest.verdicts import of_pixels
    from speckle2vec.readers.base import Sample
    from speckle2vec.settings.corpora import Ssl4eoCorpus

    grid = GeoBox.from_bbox((0, 0, 400, 400), "EPSG:32632", resolution=10)
    dates = tuple(np.datetime64(f"2020-0{month}-01", "ms") for month in range(1, 5))
    sample = Sample("a", 0, "a", grid, dates)
    corpus = Ssl4eoCorpus(source="ssl4eo", path="x")
    pixels = np.random.default_rng(0).normal(size=(4, 2, 40, 39)).astype("f4")
    assert of_pixels(sample, pixels, corpus).reason == (
        "has the shape (4, 2, 40, 39), not (4, 2, 40, 40) (date, band, y, x)"
    )


def test_flood_chips_without_dates_are_accepted(real, settings_of, tmp_path):
    settings = settings_of(
        real("sen1floods11-chips"), source="geotiff", path="S1", files="*.tif", units="db",
        pattern=r"(?P<place>.+)_S1Hand\.tif$", bands={"VV": 1, "VH": 2}, tile=256, dates=1,
        calibration="sigma0",
    )  # fmt: skip
    key = ShardKey("mine", "Ghana_53713")
    rows = rows_of(settings, key, tmp_path)
    assert reasons(rows) == [""] * 4
    assert rows[0]["dates"] == [None]
    assert rows[0]["crs"] == "EPSG:4326"
    assert rows[0]["longitude"] == pytest.approx(-1.5983, abs=1e-3)


def test_a_country_is_one_block_where_splits_go_by_name(real, settings_of, tmp_path):
    settings = settings_of(
        real("sen1floods11-chips"), source="geotiff", path="S1", files="*.tif", units="db",
        pattern=r"(?P<place>.+)_S1Hand\.tif$", bands={"VV": 1, "VH": 2}, tile=256, dates=1,
        calibration="sigma0",
    )  # fmt: skip
    by_name = settings.splits.model_copy(update={"places": {"Ghana_*": "test"}})
    settings = settings.model_copy(update={"splits": by_name})
    rows = rows_of(settings, ShardKey("mine", "Ghana_53713"), tmp_path)
    assert [(row["block"], row["split"]) for row in rows] == [("Ghana_*", "test")] * 4
