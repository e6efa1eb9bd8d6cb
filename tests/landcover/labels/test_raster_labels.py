import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels.classes import OUTSIDE

FLOOD = {"classes": {0: "land", 1: "water"}, "nodata_codes": [-1]}
AFFINE = Affine(10, 0, 500_000, 0, -10, 5_400_000)


@pytest.fixture
def write(tmp_path):
    def write_raster(
        values, affine=AFFINE, crs="EPSG:32633", name="labels.tif", nodata=None, count=1
    ):
        path = tmp_path / name
        height, width = values.shape
        with rasterio.open(
            path, "w", driver="GTiff", height=height, width=width, count=count, crs=crs,
            transform=affine, dtype=values.dtype, nodata=nodata,
        ) as file:  # fmt: skip
            file.write(values, count)
        return path

    return write_raster


def flood(shape, seed=0):
    return np.random.default_rng(seed).integers(-1, 2, shape).astype(np.int16)


def test_a_mask_on_the_same_grid_stays_as_it_is(write, raster, grid):
    values = flood(grid.shape)
    source, legend = raster(write(values), **FLOOD)
    np.testing.assert_array_equal(source.read("", grid), values + 1)
    assert not legend.unknown


def test_a_tile_and_what_lies_beyond_the_edge(write, raster, grid):
    values = flood(grid.shape)
    source, _ = raster(write(values), **FLOOD)
    image = source.read("", grid[10:40, 30:60])
    np.testing.assert_array_equal(image, values[10:, 30:] + 1)
    moved = GeoBox((40, 60), AFFINE @ Affine.translation(30, 10), "EPSG:32633")
    image = source.read("", moved)
    np.testing.assert_array_equal(image[:30, :30], values[10:, 30:] + 1)
    assert (image[30:] == OUTSIDE).all()
    assert (image[:, 30:] == OUTSIDE).all()


def test_nodata_of_the_file_is_outside_and_nodata_codes_are_not(write, raster, grid):
    values = flood(grid.shape)
    values[5, 7] = 9
    source, _ = raster(write(values, nodata=9), **FLOOD)
    image = source.read("", grid)
    assert image[5, 7] == OUTSIDE
    assert (image == 0).sum() == (values == -1).sum()


@pytest.mark.parametrize("crs", ["EPSG:32632", "EPSG:3035", "EPSG:4326", "EPSG:3042"])
def test_other_systems_agree_with_a_loop_over_pixels(write, raster, crs):
    """EPSG:3042 has its northing first."""
    grid = GeoBox((30, 25), Affine(10, 0, 600_000, 0, -10, 5_400_000), "EPSG:32633")
    there = pyproj.Transformer.from_crs("EPSG:32633", crs, always_xy=True)
    x, y = there.transform(600_000, 5_400_000)
    step = 3e-4 if crs == "EPSG:4326" else 25.0
    affine = Affine(step, 0, x - 10 * step, 0, -step, y + 10 * step)
    values = np.random.default_rng(1).integers(0, 3, (40, 45)).astype(np.uint8)
    source, _ = raster(write(values, affine, crs), classes={0: "a", 1: "b", 2: "c"})
    image = source.read("", grid)
    for row in range(30):
        for column in range(25):
            east, north = there.transform(
                600_005 + 10 * column, 5_399_995 - 10 * row
            )  # the pixel's centre
            i, j = int((affine.f - north) // step), int((east - affine.c) // step)
            inside = 0 <= i < 40 and 0 <= j < 45
            assert image[row, column] == (values[i, j] + 1 if inside else OUTSIDE)
    assert (image != OUTSIDE).mean() > 0.5


def test_one_raster_a_place(write, raster, grid):
    files = {
        name: str(write(np.full((40, 60), code, np.uint16), name=f"{name}.tif"))
        for name, code in (("a", 211), ("b", 523))
    }
    source, _ = raster(files)
    assert (source.read("a", grid) == 2).all()
    assert (source.read("b", grid) == 5).all()
    assert (source.read("c", grid) == OUTSIDE).all()
    assert source.about()["files"] == ["a.tif", "b.tif"]
    assert "the places a, b" in source.extent()


def test_a_second_band(write, raster, grid):
    values = flood(grid.shape)
    source, _ = raster(write(values, count=2), band=2, **FLOOD)
    np.testing.assert_array_equal(source.read("", grid), values + 1)


def test_the_digest_tells_two_rasters_apart(write, raster, grid):
    first, second = (raster(write(flood(grid.shape, seed)), **FLOOD)[0] for seed in (0, 0))
    assert first.about() == second.about()
    for source in (first, second):
        source.read("", grid)
    assert first.about() == second.about()
    other, _ = raster(write(flood(grid.shape, 1)), **FLOOD)
    other.read("", grid)
    assert other.about() != first.about()


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_bad_rasters_are_sentences(write, raster, grid, tmp_path):
    with pytest.raises(UserError, match="no coordinate reference system"):
        raster(write(flood(grid.shape), crs=None, name="a.tif"), **FLOOD)
    with pytest.raises(UserError, match="has 1 bands, so there is no band 3"):
        raster(write(flood(grid.shape), name="b.tif"), band=3, **FLOOD)
    (tmp_path / "c.tif").write_text("nothing")
    with pytest.raises(UserError, match="cannot be read as a raster"):
        raster(tmp_path / "c.tif", **FLOOD)
    path = write(flood((400, 600)), name="d.tif")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UserError, match=r"d\.tif: cannot be read"):
        raster(path, **FLOOD)[0].read("", grid)


def test_values_that_are_no_codes(write, raster, grid):
    values = flood(grid.shape).astype(np.float32)
    values[3, 3] = np.nan
    source, _ = raster(write(values), **FLOOD)
    image = source.read("", grid)
    assert image[3, 3] == OUTSIDE
    assert (image != OUTSIDE).sum() == 40 * 60 - 1
    values[4, 4] = 0.5
    source, _ = raster(write(values), **FLOOD)
    with pytest.raises(UserError, match=r"holds 0\.5, but labels are whole codes"):
        source.read("", grid)
