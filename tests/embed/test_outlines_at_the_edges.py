"""Outlines where degrees end: at the antimeridian, and where there are no samples at all."""

import pyarrow as pa
import pytest
import shapely

from speckle2vec.embed.outlines import hilbert_order, outlines
from speckle2vec.products.catalogue import SCHEMA

GRIDS = pa.schema([SCHEMA.field(name) for name in ("crs", "affine", "height", "width")])
LINE_IN_PACIFIC_MERCATOR = 3339584.723798207
LINE_IN_WEB_MERCATOR = 20037508.342789244


def grid(system, left, top, pixel):
    """A sample of ten by ten pixels."""
    affine = [pixel, 0.0, left, 0.0, -pixel, top]
    return {"crs": system, "affine": affine, "height": 10, "width": 10}


def outline(*arguments):
    return outlines(pa.Table.from_pylist([grid(*arguments)], GRIDS))[0]


@pytest.mark.parametrize(
    ("system", "left", "pixel"),
    [
        ("EPSG:4326", 180.0, 0.01),
        ("EPSG:3832", LINE_IN_PACIFIC_MERCATOR, 100.0),
        ("EPSG:3857", LINE_IN_WEB_MERCATOR, 100.0),
    ],
)
def test_a_sample_that_begins_at_the_antimeridian_lies_east_of_it(system, left, pixel):
    shape = outline(system, left, 0.05, pixel)
    assert shape.geom_type == "Polygon"
    assert shape.bounds[0] == pytest.approx(-180)
    assert -180 < shape.bounds[2] < -179.8
    assert shape.is_valid


def test_longitudes_counted_from_0_to_360_are_brought_back():
    shape = outline("EPSG:4326", 190.0, 10.0, 0.01)
    assert shape.geom_type == "Polygon"
    assert shapely.hausdorff_distance(shape, shapely.box(-170, 9.9, -169.9, 10)) < 1e-9


@pytest.mark.parametrize(
    ("system", "left", "pixel"),
    [("EPSG:4326", 179.9, 0.01), ("EPSG:3832", LINE_IN_PACIFIC_MERCATOR - 1000, 100.0)],
)
def test_a_sample_that_ends_at_the_antimeridian_lies_west_of_it(system, left, pixel):
    shape = outline(system, left, 0.05, pixel)
    assert shape.geom_type == "Polygon"
    assert shape.bounds[2] == pytest.approx(180)
    assert 179.8 < shape.bounds[0] < 180


def test_a_sample_begins_at_minus_180_degrees_and_stays_there():
    assert outline("EPSG:4326", -180.0, 10.0, 0.01).bounds == pytest.approx((-180, 9.9, -179.9, 10))


def test_a_sample_around_the_pole_ends_no_run():
    shape = outline("EPSG:3031", -5000.0, 5000.0, 1000.0)
    assert shape is None or shape.geom_type in ("Polygon", "MultiPolygon")


def test_no_samples_have_no_outlines():
    shapes = outlines(GRIDS.empty_table())
    assert len(shapes) == 0
    assert len(hilbert_order(shapes)) == 0
