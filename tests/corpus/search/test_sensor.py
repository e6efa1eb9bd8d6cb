"""What candidates say of the images of one sensor, and which were not looked at."""

from datetime import UTC, datetime

import pytest
import shapely

from speckle2vec.corpus.providers import Collection
from speckle2vec.corpus.search.images import to_table
from speckle2vec.corpus.search.items import GCP_ONLY, Image
from speckle2vec.corpus.search.sensor import Sensor

HERE = shapely.to_wkb(shapely.box(10, 45, 11, 46))
ELSEWHERE = shapely.to_wkb(shapely.box(20, 45, 21, 46))


def image(name, day="2021-06-01", **changes):
    time = datetime.fromisoformat(day).replace(tzinfo=UTC)
    told = {
        "problem": "", "time_ms": int(time.timestamp() * 1000), "platform": "sentinel-2a",
        "orbit": "", "tile": "32TPR", "baseline": "05.10", "offset": -1000, "cloud": 3.0,
        "epsg": 32632, "made_ms": 0, "bounds": (0.0, 0.0, 1e5, 1e5), "outline": HERE,
        "stac": f'{{"id": "{name}"}}',
    }  # fmt: skip
    return Image(name, **{**told, **changes})


@pytest.fixture
def sensor_of(settings_of):
    def make(*images, role="S2"):
        search = settings_of(most_cloud=20).corpora["new"].search
        collection = Collection(role, "archive", "http://archive", "level-2a", {}, "L2A",
                                "reflectance x 10000", 0)  # fmt: skip
        return Sensor(collection, to_table(images), search)

    return make


CLOUDED = image("clouded", cloud=80.0)
UNKNOWN = image("unknown", cloud=None)
BROKEN = image("broken", problem=GCP_ONLY)
LATE = image("late", "2022-01-01")


def test_broken_late_and_clouded_images_are_not_usable(sensor_of):
    sensor = sensor_of(CLOUDED, image("a"), BROKEN, LATE, UNKNOWN, image("b", "2021-12-31"))
    assert sensor.usable.items.tolist() == ["a", "b"]


def test_clouds_do_not_count_for_radar(sensor_of):
    sensor = sensor_of(CLOUDED, UNKNOWN, BROKEN, role="S1")
    assert sensor.usable.items.tolist() == ["clouded", "unknown"]


def test_rows_are_told_by_position_among_the_usable(sensor_of):
    sensor = sensor_of(CLOUDED, image("a"), BROKEN, image("b", platform="", baseline=""))
    rows = sensor.rows([1, 0, 1])
    assert sorted(rows) == [0, 1]
    assert [rows[at]["item"] for at in (0, 1)] == ["a", "b"]
    first = rows[0]
    assert (first["role"], first["collection"], first["provider"]) == ("S2", "level-2a", "archive")
    assert (first["datetime"], first["offset"], first["cloud"]) == (1622505600000, -1000, 3.0)
    assert (first["stac"], first["reason"]) == ('{"id": "a"}', "")
    assert first["orbit"] is rows[1]["platform"] is rows[1]["baseline"] is None


def test_no_positions_are_no_rows(sensor_of):
    assert sensor_of(image("a")).rows([]) == {}


def test_why_images_over_a_place_were_not_looked_at_is_counted(sensor_of):
    sensor = sensor_of(CLOUDED, UNKNOWN, BROKEN, image("other", problem=GCP_ONLY), image("a"))
    told = sensor.passed_over(10.5, 45.5)
    assert told.startswith("; images of S2: ")
    assert f"2 x {GCP_ONLY}" in told
    assert "2 x more cloud than 20 %" in told
    assert sensor_of(image("a")).passed_over(10.5, 45.5) == ""


def test_images_of_other_places_do_not_count(sensor_of):
    sensor = sensor_of(image("far", problem=GCP_ONLY, outline=ELSEWHERE), CLOUDED)
    assert sensor.passed_over(10.5, 45.5) == "; images of S2: 1 x more cloud than 20 %"
    assert sensor.passed_over(20.5, 45.5) == f"; images of S2: 1 x {GCP_ONLY}"
    assert sensor.passed_over(50, 0) == ""
