"""Files that are odd but right, or wrong in ways that a person can be told."""

import json

import numpy as np
import pytest
import rasterio
import shapely
from tests.corpus.sampling.drawing import draw, write_outlines

from speckle2vec.corpus.sampling.corine_points import open_corine
from speckle2vec.errors import UserError
from speckle2vec.settings.archive import CorineStrata

UTM = "EPSG:25830"
FIELDS = shapely.box(400_000, 5_000_000, 500_000, 5_100_000)
INSIDE, FAR = (-3.5, 46.0), (87.0, 0.0)
"""A place on the fields, and one that the projection does not reach."""


@pytest.fixture
def polygons(tmp_path):
    return write_outlines(tmp_path / "clc.gpkg", [FIELDS], UTM, Code_18=["211"])


@pytest.fixture
def raster(tmp_path):
    path = tmp_path / "clc.tif"
    transform = rasterio.transform.from_origin(400_000, 5_100_000, 10_000, 10_000)
    with rasterio.open(path, "w", "GTiff", 10, 10, 1, UTM, transform, "uint16") as target:
        target.write(np.full((10, 10), 211, np.uint16), 1)
    return path


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("kind", ["polygons", "raster"])
@pytest.mark.parametrize("places", [[FAR], [INSIDE, FAR], [FAR, INSIDE, FAR], [INSIDE], []])
def test_a_place_that_the_projection_does_not_reach_is_of_no_class(kind, places, request):
    path = str(request.getfixturevalue(kind))
    found = open_corine(CorineStrata(path=path), path)(np.array(places).reshape(-1, 2))
    assert found.tolist() == [2 if place == INSIDE else 0 for place in places]


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_polygons_without_a_code_are_of_no_class(tmp_path):
    shapes = [FIELDS, shapely.transform(FIELDS, lambda xy: xy + (100_000, 0))]
    path = str(write_outlines(tmp_path / "clc.gpkg", shapes, UTM, Code_18=["211", None]))
    places = np.array([INSIDE, (-2.5, 46.0)])
    assert open_corine(CorineStrata(path=path), path)(places).tolist() == [2, 0]


def test_outlines_that_are_lines_in_truth_are_told(tmp_path):
    flat = shapely.Polygon([(9, 49), (10, 49), (11, 49), (9, 49)])
    with pytest.raises(UserError, match="holds no polygons, so there is nothing to draw places in"):
        draw(tmp_path, write_outlines(tmp_path / "flat.gpkg", [flat]), count=1)


def test_an_outline_that_is_a_line_in_truth_is_passed_over(tmp_path):
    flat = shapely.Polygon([(0, 0), (1, 0), (2, 0), (0, 0)])
    path = write_outlines(tmp_path / "a.gpkg", [flat, shapely.box(9, 49, 10, 50)], zone=["a", "b"])
    assert set(draw(tmp_path, path, count=3, stratum="zone")["stratum"].to_pylist()) == {"b"}


@pytest.mark.parametrize("zones", [[1, 2, 3], [1, 2, None]])
def test_numbers_of_strata_are_written_as_numbers_whether_one_is_missing_or_not(zones, tmp_path):
    features = [
        {"type": "Feature", "properties": {"zone": zone},
         "geometry": shapely.geometry.mapping(shapely.box(9 + at, 49, 10 + at, 50))}
        for at, zone in enumerate(zones)
    ]  # fmt: skip
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found = draw(tmp_path, path, count=6, stratum="zone")["stratum"].to_pylist()
    assert sorted(set(found)) == [str(zone) for zone in zones if zone]
