"""The simulated corpus on disk: layout, determinism, independence of shards."""

import hashlib
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
import xarray as xr
import zarr
from scipy.spatial import cKDTree

from speckle2vec.corpus.simulated.demo import draw_land_cover, draw_shard
from speckle2vec.corpus.simulated.fields import World
from speckle2vec.corpus.simulated.places import Place, area_coordinates, draw_place, sample_id
from speckle2vec.corpus.simulated.polygons import FIELD, LAYER
from speckle2vec.corpus.simulated.surfaces import MIXTURES
from speckle2vec.errors import UserError
from speckle2vec.readers.simulated import relative_path, simulated_shards
from speckle2vec.settings.root import Settings

FEW = 2
BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def opened(path: Path) -> xr.Dataset:
    return xr.open_zarr(zarr.storage.ZipStore(path, mode="r"))


def test_names_of_shards_follow_the_release() -> None:
    assert simulated_shards("tiny") == ("train-000001", "val-000001")
    assert [len(simulated_shards(size)) for size in ("demo", "measure")] == [8, 32]
    assert simulated_shards("measure")[-1] == "val-000004"
    path = "val/S2L2A/ssl4eos12_val_seasonal_data_000003.zarr.zip"
    assert relative_path("val-000003", "S2L2A") == path
    with pytest.raises(UserError, match="write it as train-000001"):
        relative_path("train-1", "S1GRD")


def test_radar_shard_has_the_published_layout(shards: dict[str, Path]) -> None:
    data = opened(shards["S1GRD"])
    assert data["bands"].dims == ("sample", "time", "band", "y", "x")
    assert data["bands"].shape == (FEW, 4, 2, 264, 264)
    dtypes = {
        "bands": "float16", "center_lat": "float64", "center_lon": "float64", "crs": "int64",
        "file_id": "<U67", "sample_id": "<U9", "time_": "datetime64[ns]", "x_": "float64",
        "y_": "float64", "sample": "<U7", "time": "int64", "x": "int64", "y": "int64",
        "band": "<U2",
    }  # fmt: skip
    assert {name: str(data[name].dtype) for name in data.variables} == dtypes
    assert set(data.coords) == {"sample", "time", "band", "x", "y"}
    assert data["x_"].dims == ("sample", "x")
    assert data["y_"].dims == ("sample", "y")
    assert data["time_"].dims == data["file_id"].dims == ("sample", "time")
    assert data["band"].values.tolist() == ["vv", "vh"]
    assert data["sample_id"].values[1, 3] == f"{data['sample'].values[1]}_3"
    assert data["time"].values.tolist() == [0, 1, 2, 3]
    assert np.isfinite(data["bands"].values.astype(np.float32)).all()


def test_optical_shard_has_the_published_layout(shards: dict[str, Path]) -> None:
    data = opened(shards["S2L2A"])
    assert data["bands"].shape == (FEW, 4, 12, 264, 264)
    assert (data["bands"].dtype, data["cloud_mask"].dtype) == (np.int16, np.uint8)
    assert data["cloud_mask"].dims == ("sample", "time", "y", "x")
    assert data["file_id"].dtype == "<U38"
    assert data["band"].values.tolist() == list(BANDS)
    assert data.attrs["offset"] == 0
    assert set(np.unique(data["cloud_mask"])) <= {0, 1, 2, 3}
    clear, thick = (data["cloud_mask"].values == value for value in (0, 1))
    blue = data["bands"].values[:, :, 1]
    assert np.median(blue[clear]) < 1500 < 4000 < np.median(blue[thick])


def test_a_date_is_one_chunk_and_the_store_is_version_2(shards: dict[str, Path]) -> None:
    group = zarr.open_group(zarr.storage.ZipStore(shards["S1GRD"], mode="r"), mode="r")
    assert group.metadata.zarr_format == 2
    assert group["bands"].chunks == (1, 1, 2, 264, 264)


def test_both_modalities_show_the_same_places_within_three_days(shards: dict[str, Path]) -> None:
    radar, optical = opened(shards["S1GRD"]), opened(shards["S2L2A"])
    for name in ("sample", "crs", "x_", "y_", "center_lat", "center_lon"):
        np.testing.assert_array_equal(radar[name], optical[name])
    apart = np.abs(radar["time_"].values - optical["time_"].values)
    assert (apart <= np.timedelta64(3, "D")).all()
    for data in (radar, optical):
        assert (np.diff(data["time_"].values, axis=1) > np.timedelta64(30, "D")).all()


def test_positions_agree_with_the_grid(shards: dict[str, Path], places: list[Place]) -> None:
    data = opened(shards["S1GRD"])
    x, y = data["x_"].values[0], data["y_"].values[0]
    assert (np.diff(x) == 10).all()
    assert (np.diff(y) == -10).all()
    assert (x[0] - 5) % 10 == 0
    to_degrees = pyproj.Transformer.from_crs(int(data["crs"][0]), 4326, always_xy=True)
    expected = to_degrees.transform(x.mean(), y.mean())
    got = float(data["center_lon"][0]), float(data["center_lat"][0])
    np.testing.assert_allclose(got, expected, atol=1e-9)
    east, north = area_coordinates(places[0])
    exact = pyproj.Transformer.from_crs(places[0].epsg, 3035, always_xy=True)
    np.testing.assert_allclose(
        (east[200, 31], north[200, 31]), exact.transform(x[31], y[200]), atol=1.0
    )


def test_same_settings_same_bytes(
    settings: Settings, land_cover: Path, shards: dict[str, Path], tmp_path: Path
) -> None:
    draw_land_cover(settings, "tiny", tmp_path / "again.gpkg")
    assert digest(tmp_path / "again.gpkg") == digest(land_cover)
    for modality, first in shards.items():
        again = tmp_path / f"{modality}.zarr.zip"
        draw_shard(settings, "tiny", "train-000001", modality, land_cover, again, FEW)
        assert digest(again) == digest(first)


def test_a_sample_does_not_depend_on_the_others(
    settings: Settings, land_cover: Path, shards: dict[str, Path], tmp_path: Path
) -> None:
    draw_shard(settings, "tiny", "val-000001", "S1GRD", land_cover, tmp_path / "val", 1)
    draw_shard(settings, "tiny", "train-000001", "S1GRD", land_cover, tmp_path / "one", 1)
    first = opened(tmp_path / "one")["bands"].values[0]
    np.testing.assert_array_equal(first, opened(shards["S1GRD"])["bands"].values[0])
    assert (opened(tmp_path / "val")["bands"].values[0] != first).any()


def test_ids_are_unique_over_the_largest_corpus() -> None:
    ids = [sample_id(s, row) for s in simulated_shards("measure") for row in range(64)]
    assert len(set(ids)) == len(ids) == 2048
    assert all(len(name) == 7 and name.isdecimal() for name in ids)


def test_neighbours_zones_and_seasons(world: World, places: list[Place]) -> None:
    more = [
        draw_place(world, shard, row) for shard in simulated_shards("demo") for row in range(64)
    ]
    centres = np.array([(place.easting, place.northing) for place in more])
    nearest = cKDTree(centres).query(centres, k=2)[0][:, 1]
    assert 0.1 < np.mean(nearest < 2640) < 0.6
    assert np.mean(nearest < 30_000) > 0.9
    assert {place.epsg for place in places} == {32632, 32633}
    assert len(np.unique(centres // 25_000, axis=0)) > 100
    spans = [(place.days[-1] - place.days[0]).astype(int) for place in more]
    assert abs(np.mean(spans) - 274) < 10
    months = [int(str(place.days[0])[5:7]) for place in more]
    assert (np.bincount(months, minlength=13)[1:] > 15).all()
    angles = np.array([place.incidence for place in more])
    assert 30 <= angles.min() < 32 < 44 < angles.max() <= 46


def test_land_cover_is_a_clean_coverage(land_cover: Path) -> None:
    frame = pyogrio.read_dataframe(land_cover, layer=LAYER)
    assert frame.crs.to_epsg() == 3035
    assert set(frame[FIELD].astype(int)) <= set(MIXTURES)
    assert set(frame[FIELD].str[0]) == set("12345")
    assert frame.geometry.is_valid.all()
    assert shapely.coverage_is_valid(frame.geometry.values)
    assert frame.area.sum() == pytest.approx(frame.union_all().area, rel=1e-9)
    assert (frame.area >= 250_000).mean() > 0.95
    assert all(isinstance(code, str) for code in frame[FIELD])


def test_wrong_names_are_told(settings: Settings, land_cover: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.zarr.zip"
    with pytest.raises(UserError, match="no simulated corpus in the settings; those are: tiny"):
        draw_land_cover(settings, "own", out)
    with pytest.raises(UserError, match="has no shard 'train-000002'"):
        draw_shard(settings, "tiny", "train-000002", "S1GRD", land_cover, out)
    with pytest.raises(UserError, match="is no land cover to draw from"):
        draw_shard(settings, "tiny", "val-000001", "S1GRD", tmp_path / "none.gpkg", out)
    other = settings.model_copy(update={"seed": 8})
    with pytest.raises(UserError, match="another corpus or seed"):
        draw_shard(other, "tiny", "val-000001", "S1GRD", land_cover, out, 4)
    assert not list(tmp_path.iterdir())
