"""The outlines of a corpus as GeoJSON: what lies around samples, once, and in degrees."""

import json

import geopandas as gpd
import pytest
import shapely

from speckle2vec.corpus.osm.outlines import write_outlines
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey


@pytest.fixture
def written(place):
    """The outline of some shards, as a reader of GeoJSON finds it."""

    def make(*keys, **osm):
        path = place.folder / "osm" / "outlines.geojson"
        write_outlines(place.settings(**osm), keys, place.folder / "catalogue", path)
        (feature,) = json.loads(path.read_text())["features"]
        assert feature["properties"] == {"corpus": place.corpus}
        assert feature["geometry"]["type"] == "MultiPolygon"
        (shape,) = gpd.read_file(path).geometry
        return shape

    return make


def test_samples_of_all_shards_are_in_it_and_what_they_share_once(place, written, in_metres):
    first = place.write_samples([(0, 0), (320, 0), (5000, 0)])
    second = place.write_samples([(0, 3000)], "train-000002")
    parts = shapely.get_parts(written(first, second, around=100))
    found = sorted([round(edge) for edge in in_metres(part).bounds] for part in parts)
    assert found == [
        [-100, -100, 1060, 740],
        [-100, 2900, 740, 3740],
        [4900, -100, 5740, 740],
    ]


def test_what_is_around_a_sample_counts_in_metres(place, written, in_metres):
    found = in_metres(written(place.write_samples(), around=250))
    assert found.bounds == pytest.approx((-250, -250, 890, 890), abs=0.5)


def test_a_sample_across_the_antimeridian_lies_on_both_sides(place, row_of_sample, written):
    row = row_of_sample("across", 0, 814_000, 8_000_000, "EPSG:32760", 100.0)
    found = written(place.write_rows([row]), around=100)
    west, _, east, _ = found.bounds
    assert (west, east) == (-180, 180)
    sides = sorted(part.bounds for part in found.geoms)
    assert [round(side[0]) for side in sides] == [-180, 180]
    assert sum(side[2] - side[0] for side in sides) < 0.1


def test_a_corpus_without_accepted_samples_has_no_outline(place, row_of_sample, written):
    row = {**row_of_sample("0", 0, 5e5, 5e6), "verdict": "refused", "reason": "NaN"}
    assert written(place.write_rows([row])).is_empty


def test_a_part_that_is_missing_is_told_and_leaves_nothing(place, written):
    with pytest.raises(UserError, match="000009"):
        written(place.write_samples(), ShardKey(place.corpus, "train-000009"))
    assert not list(place.folder.rglob("*.geojson*"))
