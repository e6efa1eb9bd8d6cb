"""Outlines of any kind as regions, and what is wrong with some of them."""

import logging
import re

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from pydantic import ValidationError
from tests.corpus.sampling.drawing import SQUARE, draw, ellipsoid_area, positions, write_outlines

from speckle2vec.corpus.sampling.outlines import read_outlines
from speckle2vec.corpus.sampling.regions import EU27_GB, fields_of, find_regions
from speckle2vec.errors import UserError
from speckle2vec.settings.archive import Sampling

FIJI = shapely.box(176, -20, 184, -15)


def regions_of(path, **changes):
    sampling = Sampling(outlines=str(path), **changes)
    outlines = read_outlines(str(path), sampling.layer, fields_of(sampling))
    return find_regions(outlines, sampling, str(path))


def area_of(path, **changes):
    return sum(ellipsoid_area(region.outline) for region in regions_of(path, **changes))


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "a.fgb"])
def test_formats_and_reference_systems_give_the_same_region(name, tmp_path):
    crs = "EPSG:4326" if name == "a.geojson" else "EPSG:32632"
    move = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    dense = shapely.segmentize(SQUARE, 0.01)
    shape = shapely.transform(dense, lambda xy: np.stack(move.transform(*xy.T), axis=1))
    path = write_outlines(tmp_path / name, [shape], crs)
    (region,) = regions_of(path)
    assert region.outline.symmetric_difference(SQUARE).area < 1e-5
    assert shapely.contains_xy(SQUARE.buffer(1e-6), *positions(draw(tmp_path, path)).T).all()


def test_edges_of_a_projected_file_are_straight_in_its_projection(tmp_path):
    wide = shapely.box(2_500_000, 4_900_000, 6_500_000, 5_000_000)
    path = write_outlines(tmp_path / "wide.gpkg", [wide], "EPSG:3035")
    move = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True)
    x, y = move.transform(*positions(draw(tmp_path, path, count=5000)).T)
    assert shapely.contains_xy(wide.buffer(0.2), x, y).all()
    counts, _ = np.histogram(x, np.linspace(2_500_000, 6_500_000, 11))
    assert abs(counts - 500).max() < 5 * np.sqrt(500)


def test_areas_that_overlap_count_once(tmp_path):
    half = shapely.box(9, 49, 9.5, 50)
    path = write_outlines(tmp_path / "twice.gpkg", [SQUARE, half, half])
    longitude = positions(draw(tmp_path, path, count=4000))[:, 0]
    assert abs((longitude < 9.5).sum() - 2000) < 5 * np.sqrt(1000)


def test_longitudes_beyond_180_are_brought_back(tmp_path):
    split = [shapely.box(176, -20, 180, -15), shapely.box(-180, -20, -176, -15)]
    one = write_outlines(tmp_path / "one.gpkg", [FIJI])
    two = write_outlines(tmp_path / "two.gpkg", [shapely.multipolygons(split)], kind="MultiPolygon")
    assert area_of(one) == pytest.approx(area_of(two), rel=1e-12)
    longitude = positions(draw(tmp_path, one, count=4000))[:, 0]
    assert (np.abs(longitude) <= 180).all()
    assert abs((longitude > 0).sum() - 2000) < 5 * np.sqrt(1000)
    both = write_outlines(tmp_path / "both.gpkg", [FIJI, *split])
    assert area_of(both) == pytest.approx(area_of(one), rel=1e-12)


def test_a_projected_shape_may_cross_the_antimeridian(tmp_path):
    hole = shapely.box(100_000, -100_000, 300_000, 100_000)
    shape = shapely.box(-500_000, -500_000, 500_000, 500_000).difference(hole)
    crs = "+proj=laea +lat_0=-17 +lon_0=180 +datum=WGS84 +units=m"
    path = write_outlines(tmp_path / "fiji.gpkg", [shape], pyproj.CRS(crs).to_wkt())
    assert area_of(path) == pytest.approx(shape.area, rel=1e-5)
    x, y = pyproj.Proj(crs)(*positions(draw(tmp_path, path)).T)
    assert shapely.contains_xy(shape.buffer(0.5), x, y).all()


def test_longitudes_that_jump_are_refused(tmp_path):
    jumping = shapely.Polygon([(178, -20), (-178, -20), (-178, -15), (178, -15)])
    path = write_outlines(tmp_path / "jump.gpkg", [SQUARE, jumping])
    with pytest.raises(UserError, match=r"outline number 2 has an edge from longitude -?178\.0000"):
        regions_of(path)


def test_a_pole_in_a_projection_is_refused(tmp_path):
    path = write_outlines(tmp_path / "pole.gpkg", [shapely.box(-2e6, -2e6, 2e6, 2e6)], "EPSG:3995")
    with pytest.raises(UserError, match="encloses a pole in its projection"):
        regions_of(path)


def test_the_whole_globe_ends_where_utm_does(tmp_path):
    path = write_outlines(tmp_path / "globe.gpkg", [shapely.box(-180, -90, 180, 90)])
    table = draw(tmp_path, path, count=3000, south=-80)
    latitude = positions(table)[:, 1]
    assert -80 <= latitude.min() < -70
    assert 70 < latitude.max() <= 84
    for limits in ({"north": 84.1}, {"south": -80.5}, {"south": 10, "north": 10}):
        with pytest.raises(ValidationError):
            Sampling(outlines="x", **limits)


def test_polar_places_alone_are_told(tmp_path):
    path = write_outlines(tmp_path / "pole.gpkg", [shapely.box(-180, 85, 180, 90)])
    with pytest.raises(UserError, match="no outline of 'all' between the latitudes -60 and 84"):
        regions_of(path)


def test_the_countries_of_the_paper_without_overseas(real, caplog, tmp_path):
    path = real("boundaries") / "ne_110m_admin_0_countries.geojson"
    caplog.set_level(logging.INFO, "speckle2vec")
    (region,) = regions_of(path, region="eu27+gb")
    assert shapely.box(-32, 27, 45, 72).contains(region.outline)
    assert "holds no outline of MLT" in caplog.text
    assert "1 parts of EU countries lie overseas" in caplog.text  # French Guiana
    finer = area_of(real("boundaries") / "ne_50m_eu27_gb_europe.geojson", region="eu27+gb")
    assert finer / 1e12 == pytest.approx(4.37, abs=0.03)
    assert ellipsoid_area(region.outline) == pytest.approx(finer, rel=0.01)
    assert len(EU27_GB) == 28


def test_equal_numbers_in_every_country(real, tmp_path):
    path = real("boundaries") / "ne_50m_eu27_gb_europe.geojson"
    table = draw(tmp_path, path, count=280, region="eu27+gb", stratum="ADM0_A3")
    strata = table["stratum"].to_pylist()
    assert {strata.count(name) for name in EU27_GB} == {10}
    _, _, shapes, (names,) = pyogrio.raw.read(path, columns=["ADM0_A3"])
    homes = dict(zip(names, shapely.from_wkb(shapes), strict=True))
    for name, place in zip(strata, positions(table), strict=True):
        assert shapely.contains_xy(homes[name], *place)


def test_shapes_that_cross_themselves_are_repaired_and_counted(caplog, tmp_path):
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    path = write_outlines(tmp_path / "bow.gpkg", [SQUARE, bow])
    caplog.set_level(logging.INFO, "speckle2vec")
    assert read_outlines(str(path), "", ()).repaired == 1
    assert "1 of 2 outlines are invalid, such as number 2 (Self-intersection" in caplog.text
    halves = shapely.MultiPolygon(
        [shapely.Polygon([(0, 0), (0, 2), (1, 1)]), shapely.Polygon([(2, 2), (2, 0), (1, 1)])]
    )
    expected = ellipsoid_area(halves) + ellipsoid_area(SQUARE)
    assert area_of(path) == pytest.approx(expected, rel=1e-9)


def test_values_that_are_missing_have_no_place(caplog, tmp_path):
    shapes = [SQUARE, shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]
    path = write_outlines(tmp_path / "names.gpkg", shapes, country=["A", None, ""])
    assert [region.name for region in regions_of(path, stratum="country")] == ["A"]
    assert "2 of 3 polygons have no value of country" in caplog.text


def write(folder, kind):
    point = shapely.Point(9, 49)
    if kind == "no CRS":
        return write_outlines(folder / "plain.gpkg", [SQUARE], None)
    if kind == "points":
        return write_outlines(folder / "points.gpkg", [point], kind="Point")
    if kind == "unknown points":
        return write_outlines(folder / "points.gpkg", [point], kind="Unknown")
    if kind == "empty":
        return write_outlines(folder / "empty.gpkg", [shapely.Polygon()])
    if kind == "metres":
        return write_outlines(folder / "metres.gpkg", [shapely.box(4e6, 3e6, 5e6, 4e6)])
    if kind == "layers":
        path = write_outlines(folder / "layers.gpkg", [SQUARE])
        pyogrio.raw.write(path, shapely.to_wkb([SQUARE]), [], [], layer="second",
                          geometry_type="Polygon", crs="EPSG:4326", append=True)  # fmt: skip
        return path
    if kind == "text":
        (folder / "text.geojson").write_text("no outlines")
        return folder / "text.geojson"
    return write_outlines(folder / "square.gpkg", [SQUARE], ADM0_A3=["USA"])


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [("no CRS", {}, "has no coordinate reference system"),
     ("points", {}, "holds no polygons, so there is nothing to draw places in"),
     ("unknown points", {}, "holds no polygons, so there is nothing to draw places in"),
     ("empty", {}, "holds no polygons, so there is nothing to draw places in"),
     ("metres", {}, "outline number 1 lies off the Earth when its numbers are read as EPSG:4326"),
     ("layers", {}, "has several layers; set `sampling.layer` to one of layers, second"),
     ("layers", {"layer": "third"}, "has no layer 'third' of polygons"),
     ("text", {}, "cannot be read as outlines"),
     ("square", {"stratum": "nix"}, "has no field 'nix'; it has ADM0_A3"),
     ("square", {"region": "eu27+gb"}, "holds none of the countries of `eu27+gb`"),
     ("square", {"north": 40}, "no outline of 'all' between the latitudes -60 and 40"),
     ("layers", {"layer": "second", "region": "eu27+gb"}, "has no field 'ADM0_A3'")],
)  # fmt: skip
def test_bad_outlines_are_told_in_a_sentence(kind, changes, told, tmp_path):
    path = write(tmp_path, kind)
    with pytest.raises(UserError, match=re.escape(told)) as error:
        draw(tmp_path, path, **changes)
    assert str(path) in str(error.value)
    assert not (tmp_path / "places.parquet").exists()


def test_outlines_that_are_not_there_are_told(tmp_path):
    with pytest.raises(UserError, match=r"nix\.gpkg: cannot be read as outlines"):
        draw(tmp_path, tmp_path / "nix.gpkg")


def test_a_region_smaller_than_the_seventh_decimal_is_told(tmp_path):
    path = write_outlines(tmp_path / "dot.gpkg", [shapely.box(9.11, 49.11, 9.110000001, 49.11001)])
    with pytest.raises(UserError, match="is so small that no place was found in it"):
        draw(tmp_path, path, count=1)


def test_strata_of_two_kinds_exclude_each_other():
    with pytest.raises(ValidationError, match="exclude each other"):
        Sampling(outlines="x", stratum="country", corine={"path": "clc.gpkg"})
