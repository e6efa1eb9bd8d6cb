"""Real labels: CORINE polygons and raster, reference maps, land cover, flood masks."""

import re

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox

from speckle2vec.landcover.labels.classes import OUTSIDE

CLC = "corine-clc2018-lanjaron"


def codes_of(image, legend):
    table = np.array([0, *(one.code for one in legend.classes)])
    return table[np.where(image == OUTSIDE, 0, image)]


def grid_of(path):
    with rasterio.open(path) as raster:
        return GeoBox(raster.shape, raster.transform, raster.crs), raster.read(1)


@pytest.mark.parametrize("crs", ["EPSG:25830", "EPSG:32629", "EPSG:3035"])
def test_polygons_against_point_in_polygon(real, vector, truth, crs):
    path = real(CLC) / "clc.gpkg"
    frame = gpd.read_file(path, layer="clc")
    west, _, _, north = frame.to_crs(crs).total_bounds
    for step in (2_000, 6_000):
        affine = Affine(10, 0, round(west + step, -1), 0, -10, round(north - step, -1))
        grid = GeoBox((264, 264), affine, crs)
        source, legend = vector(path, layer="clc", level=3)
        assert (codes_of(source.read("", grid), legend) != truth(frame, "CODE_18", grid)).sum() <= 1


def test_polygons_against_the_raster_made_from_them(real, vector):
    """On the raster's own 25 m grid not one of its 353,130 pixels disagrees."""
    folder = real(CLC)
    grid, codes = grid_of(folder / "clc.tif")
    source, legend = vector(folder / "clc.gpkg", layer="clc", level=3)
    same = GeoBox(grid.shape, grid.affine, "EPSG:25830")
    assert (codes_of(source.read("", same), legend) == codes).mean() == 1


def test_where_polygons_and_raster_disagree_at_10_m(real, vector, raster):
    """About 1 % at level 1, all within half the diagonal of a 25 m pixel of an outline."""
    folder = real(CLC)
    polygons, _ = vector(folder / "clc.gpkg", layer="clc")
    pixels, _ = raster(folder / "clc.tif")
    grid = GeoBox((800, 800), Affine(10, 0, 455_000, 0, -10, 4_095_000), "EPSG:25830")
    first, second = (source.read("", grid) for source in (polygons, pixels))
    wrong = np.argwhere((first != second) & (first != OUTSIDE) & (second != OUTSIDE))
    assert 0.005 < len(wrong) / first.size < 0.015
    frame = gpd.read_file(folder / "clc.gpkg", layer="clc")
    some = wrong[:: max(1, len(wrong) // 200)]
    centres = shapely.points(455_005 + 10 * some[:, 1], 4_094_995 - 10 * some[:, 0])
    outlines = shapely.multilinestrings(shapely.get_parts(frame.boundary.values))
    assert shapely.distance(centres, outlines).max() < 12.5 * np.sqrt(2)


def test_a_reference_map_of_bigearthnet(real, raster):
    (path,) = (real("bigearthnet-s1-s2-examples") / "Reference_Maps").glob("*/*.tif")
    grid, codes = grid_of(path)
    source, legend = raster({"patch": str(path)}, level=3)
    np.testing.assert_array_equal(codes_of(source.read("patch", grid), legend), codes)
    assert not legend.unknown


def test_the_land_cover_of_terramind(real, raster):
    folder = real("terramind-examples")
    names = ["water", "trees", "flooded", "crops", "built", "bare", "snow", "cloud", "range"]
    classes = dict(enumerate(names, start=1))
    files = {path.stem: str(path) for path in (folder / "LULC").glob("*.tif")}
    source, legend = raster(files, classes=classes)
    for place, path in files.items():
        grid, codes = grid_of(path)
        same, _ = grid_of(folder / "S1RTC" / f"{place}.tif")
        assert same.shape == grid.shape
        np.testing.assert_array_equal(source.read(place, same), codes)
    assert not legend.unknown


def test_flood_masks_on_tiles_of_the_chips(real, raster):
    folder = real("sen1floods11-chips")
    files = {
        path.name.removesuffix("_LabelHand.tif"): str(path)
        for path in (folder / "Labels").glob("*.tif")
    }
    source, legend = raster(files, classes={0: "land", 1: "water"}, nodata_codes=[-1])
    for place, path in files.items():
        grid, _ = grid_of(folder / "S1" / f"{place}_S1Hand.tif")
        _, mask = grid_of(path)
        image = source.read(place, grid[128:256, 256:384])
        np.testing.assert_array_equal(image, mask[128:256, 256:384] + 1)
    assert not legend.unknown


def test_the_real_extent_in_degrees(real, vector):
    source, _ = vector(real(CLC) / "clc.gpkg", layer="clc")
    west, _, _, north = gpd.read_file(real(CLC) / "clc.gpkg", layer="clc").to_crs(4326).total_bounds
    told = [float(word) for word in re.findall(r"-?[\d.]+", source.extent())]
    assert told[0] == pytest.approx(west, abs=0.02)
    assert told[3] == pytest.approx(north, abs=0.02)
