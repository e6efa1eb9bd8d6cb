"""What can be wrong with a file of labelled places is told in a sentence."""

import geopandas as gpd
import pytest
import shapely

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.target import label_places
from speckle2vec.products.place_labels import read_place_target

from .placed import sample, settings_of, write_rows

HEADER = "longitude,latitude,label\n"
GOOD = "9.0,50.0,mine\n9.5,50.0,other\n"


@pytest.fixture
def label(tmp_path):
    """Label two samples by the text of a CSV, or by a file that is there."""
    rows = [sample("a", "EPSG:32632", 9.0, 50.0), sample("b", "EPSG:32632", 9.5, 50.0)]

    def read(text=None, path="places.csv", name="mines", more=(), **places):
        catalogue = write_rows([*rows, *more], tmp_path / "catalogue.parquet")
        if text is not None:
            (tmp_path / path).write_text(text)
        settings = settings_of(tmp_path, path=path, **places)
        label_places(settings, name, catalogue, tmp_path / "labels.parquet")
        return read_place_target(tmp_path / "labels.parquet")

    return read


@pytest.mark.parametrize(
    ("text", "places", "sentence"),
    [
        ("lon,lat,label\n9,50,mine\n", {}, r"no column `west`; it holds lon, lat, label\. Places "
         r"have longitude and latitude of a point, or west, south, east, north of a box"),
        ("longitude,latitude,kind\n9,50,mine\n", {}, "no column `label`; it holds longitude"),
        (HEADER + GOOD, {"columns": {"id": "name"}}, "has no column `name`"),
        (HEADER + "9.0,50.0,mine\n50.0,99.5,mine\n", {},
         "row 2 lies at longitude 50, latitude 99.5, and 1 of 2 rows do not"),
        (HEADER + "50.0,109.0,mine\n", {}, "They look swapped"),
        (HEADER + "190.0,9.0,mine\n", {}, "longitude 190, latitude 9"),
        (HEADER + "9.0,here,mine\n", {}, "row 1 has 'here' as latitude"),
        (HEADER + "9.0,,mine\n", {}, "row 1 has '' as latitude"),
        (HEADER + "9.0,50.0,\n", {}, "row 1 has no label, as 1 of 1"),
        (HEADER, {}, "holds no place"),
        ("", {}, "is missing or no CSV"),
        (HEADER + GOOD, {"classes": ["mine", "none"]},
         "row 2 is of the class 'other', which `places.mines.classes` does not name"),
        (HEADER + GOOD, {"positive": "quarry"}, "no sample is of the class 'quarry'"),
        (HEADER + "9.0,50.0,mine\n9.5,50.0,mine\n", {},
         r"all labelled samples are of one class \(2 of mine\).*`places.mines.elsewhere`"),
        (HEADER + GOOD + "9.0,50.001,other\n", {},
         r"several classes lie in the sample a, as in 1 samples.*`places.mines.conflicts`"),
        (HEADER + "19.0,50.0,mine\n19.5,50.5,other\n", {},
         r"none of its 2 places lies in a sample: the places lie at longitude 19.00 to 19.50, "
         r"latitude 50.00 to 50.50, the 2 samples at longitude 8.98 to 9.52, latitude 49.9"),
        (HEADER + "50.0,9.0,mine\n50.0,9.5,other\n", {}, "labels look swapped"),
        ("id," + HEADER + "x,9.0,50.0,mine\nx,9.5,50.0,other\n", {"columns": {"id": "id"}},
         "holds the id x 2 times"),
        ("west,south,east,north,label\n9,50,9.1,49,mine\n", {}, "the box of row 1 holds nothing"),
    ],
)  # fmt: skip
def test_a_wrong_csv(label, text, places, sentence):
    with pytest.raises(UserError, match=sentence):
        label(text, **places)


def test_a_file_and_places_that_are_not_there(label):
    with pytest.raises(UserError, match="is missing or no CSV"):
        label()
    with pytest.raises(UserError, match="cannot be read as labelled places"):
        label(path="places.gpkg")
    with pytest.raises(UserError, match="There are no places `quarries`; `places` names mines"):
        label(HEADER + GOOD, name="quarries")


def frame(geometry, crs="EPSG:4326", **columns):
    columns = columns or {"label": [f"class {row}" for row in range(len(geometry))]}
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=crs)


POINTS = (shapely.Point(9.0, 50.0), shapely.Point(9.5, 50.0))


@pytest.mark.parametrize(
    ("made", "places", "sentence"),
    [
        (frame(POINTS, kind=["a", "b"]), {}, "has no field 'label'; it has kind"),
        (frame(POINTS), {"layer": "pits"}, "has no layer 'pits'.*`places.mines.layer`.*places"),
        (frame([shapely.LineString([(9, 50), (9.5, 50)]), POINTS[0]]), {},
         "row 1 is a LineString, as 1 of 2 places"),
        (frame([POINTS[0], None]), {}, "row 2 has no geometry"),
        (frame([shapely.Point(50.0, 109.0), POINTS[0]]), {}, "row 1 lies nowhere on Earth"),
    ],
)  # fmt: skip
def test_a_wrong_vector_file(label, tmp_path, made, places, sentence):
    made.to_file(tmp_path / "places.gpkg", layer="places")
    with pytest.raises(UserError, match=sentence):
        label(path="places.gpkg", **places)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_without_reference_system(label, tmp_path):
    frame(POINTS, crs=None).to_file(tmp_path / "places.fgb", driver="FlatGeobuf")
    with pytest.raises(UserError, match=r"has no coordinate reference system.*ogr2ogr"):
        label(path="places.fgb")


def test_points_and_polygons_of_one_file_with_ids_and_numbers_as_labels(label, tmp_path):
    around = shapely.box(9.49, 49.99, 9.51, 50.01)
    bow = shapely.Polygon([(9.49, 49.99), (9.51, 50.01), (9.51, 49.99), (9.49, 50.01)])
    several = shapely.MultiPoint([(9.0, 50.0), (9.001, 50.0), (30.0, 0.0)])
    made = frame([several, POINTS[0], around, bow], name=list("abcd"), kind=[1.0, 1.0, 0.0, 0.0])
    made.to_file(tmp_path / "places.gpkg")
    target = label(path="places.gpkg", columns={"label": "kind", "id": "name"})
    assert target.table.select(["id", "label", "labels"]).to_pylist() == [
        {"id": "a", "label": "1", "labels": 2}, {"id": "b", "label": "0", "labels": 2},
    ]  # fmt: skip
    assert target.positive == "0", "of two as rare the first"


def test_labels_that_disagree_are_left_out_and_counted(label):
    text = HEADER + GOOD + "9.0,50.001,other\n9.5,50.001,other\n"
    with pytest.raises(UserError, match=r"of one class \(1 of other\)"):
        label(text, conflicts="leave-out")
    more = sample("c", "EPSG:32632", 9.2, 50.0)
    target = label(text + "9.2,50.0,mine\n", more=[more], conflicts="leave-out")
    rows = target.table.select(["id", "label", "labels"]).to_pylist()
    assert rows[0] == {"id": "a", "label": None, "labels": 2}
    assert target.labelled["id"].to_pylist() == ["b", "c"]
    assert target.held == {"a", "b", "c"}, "what is left out is not unlabelled"
    assert target.about["samples_of_several_classes"] == 1


def test_the_class_of_all_other_samples(label):
    target = label(HEADER + "9.0,50.0,mine\n", elsewhere="none")
    assert target.table["label"].to_pylist() == ["mine", "none"]
    assert target.table["labels"].to_pylist() == [1, 0]
    assert target.held == {"a"}
    assert target.positive == "mine"
