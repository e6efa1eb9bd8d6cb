"""From objects of an extract to features: lines in pieces, rings that close and that do not."""

import pytest
import shapely

from speckle2vec.corpus.osm.file import read_objects
from speckle2vec.corpus.osm.objects import Objects
from speckle2vec.corpus.osm.tags import Matcher
from speckle2vec.settings.osm_classes import OsmClass

TABLE = {
    "fence": OsmClass(theme="barriers", code=1, tags=("barrier=fence",), forms=("line",)),
    "meadow": OsmClass(theme="ground", code=2, tags=("landuse=meadow",), forms=("area",)),
    "tree": OsmClass(theme="plants", code=3, tags=("natural=tree",), forms=("point",)),
}
FENCE, MEADOW = {"barrier": "fence"}, {"landuse": "meadow"}
MISSING = 900
"""Number of a node that is not in the extract."""


@pytest.fixture
def read(extract, tmp_path):
    """The features of the extract, and what became of its objects."""

    def make():
        extract.write(tmp_path / "tiny.osm.pbf")
        objects = Objects(Matcher(TABLE))
        entities = read_objects(tmp_path / "tiny.osm.pbf", objects.matcher.keys, "flex_mem")
        return list(objects.features(entities)), objects

    return make


def lengths(feature, in_metres):
    shape = in_metres(shapely.from_wkb(feature.wkb))
    return [round(part.length) for part in shapely.get_parts(shape)]


@pytest.mark.parametrize(
    ("nodes", "pieces"),
    [
        ([0, 1, 2, 3], [300]),
        ([0, 1, MISSING, 2, 3], [100, 100]),
        ([MISSING, 0, 1, 2], [200]),
        ([0, 1, 2, MISSING], [200]),
        ([0, MISSING, 1, 2, MISSING, MISSING, 3], [100]),
        ([0, 0, 1, 1, MISSING, 3], [100]),
        ([0, MISSING, 1, MISSING, 2], None),
        ([0, 0], None),
        ([0], None),
        ([MISSING, MISSING + 1], None),
        ([], None),
    ],
)
def test_a_line_is_what_its_neighbouring_nodes_leave(extract, read, in_metres, nodes, pieces):
    here = [extract.node(100 * at, 0) for at in range(4)]
    extract.way(*(here[one] if one < len(here) else one for one in nodes), tags=FENCE)
    features, objects = read()
    found = [lengths(feature, in_metres) for feature in features]
    assert found == ([] if pieces is None else [pieces])
    cut = pieces is not None and any(one >= MISSING for one in nodes)
    assert (objects.cut_lines, objects.lost_lines) == (cut, pieces is None)


def test_a_fenced_meadow_is_a_line_and_an_area(extract, read, in_metres):
    extract.square(0, 0, 100, tags={**FENCE, **MEADOW})
    features, objects = read()
    told = {feature.classes: (feature.kind, feature.number) for feature in features}
    assert told == {(("barriers", "fence"),): ("way", 1), (("ground", "meadow"),): ("way", 1)}
    shapes = {feature.classes[0][1]: shapely.from_wkb(feature.wkb) for feature in features}
    assert in_metres(shapes["fence"]).length == pytest.approx(400, abs=1)
    assert in_metres(shapes["meadow"]).area == pytest.approx(100**2, rel=1e-3)
    assert objects.unclosed() == {"way": [], "relation": []}


def test_features_outlive_the_objects_they_are_of(extract, read, in_metres):
    for at in range(200):
        extract.node(at, 0, natural="tree", ref=f"{at}")
    features, _ = read()
    assert [feature.tags["ref"] for feature in features] == [f"{at}" for at in range(200)]
    assert [feature.number for feature in features] == list(range(1, 201))
    east = [in_metres(shapely.from_wkb(feature.wkb)).x for feature in features]
    assert east == pytest.approx(range(200), abs=0.02)


def test_rings_that_do_not_close_are_told_by_their_own_numbers(extract, read):
    extract.way((0, 0), (10, 10), (10, 0), (0, 10), closed=True, number=30, tags=MEADOW)
    extract.way((50, 0), (60, 10), (60, 0), (50, 10), closed=True, number=31, tags=FENCE)
    whole = extract.way((100, 0), (200, 0), (200, 99), closed=True, number=32)
    half = extract.way((300, 0), (400, 0), (400, 99), number=33)
    extract.multipolygon([(half, "outer")], **MEADOW)
    extract.multipolygon([(whole, "outer")], **MEADOW)
    extract.multipolygon([(half, "outer"), (999, "outer")], **MEADOW, type="boundary")
    extract.multipolygon([(half, "outer")], **MEADOW, type="route")
    extract.multipolygon([(half, "outer")], **FENCE)
    features, objects = read()
    assert objects.unclosed() == {"way": [30], "relation": [1, 3]}
    areas = [(one.kind, one.number) for one in features if one.classes[0][1] == "meadow"]
    assert areas == [("relation", 2)]


def test_there_and_back_is_no_ring(extract, read):
    extract.way((0, 0), (10, 0), closed=True, tags={**FENCE, **MEADOW})
    features, objects = read()
    assert [feature.classes for feature in features] == [(("barriers", "fence"),)]
    assert objects.unclosed()["way"] == []
