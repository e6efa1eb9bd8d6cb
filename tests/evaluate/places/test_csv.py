"""CSVs of labelled points and boxes: what is read of them, and what is told."""

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.csv import read_csv
from speckle2vec.settings.places import PlaceColumns


@pytest.fixture
def read(tmp_path):
    def columns_and_shapes(text, **names):
        (tmp_path / "places.csv").write_text(text, encoding="utf-8")
        return read_csv(tmp_path / "places.csv", PlaceColumns(**names))

    return columns_and_shapes


def test_what_looks_like_numbers_or_nothing_stays_text_under_other_names(read):
    text = "\ufeffX,Y,kind,nr\n 9.5,-50,01,007\n1e1,5e-1,NA,\n"
    columns, shapes = read(text, longitude="X", latitude="Y", label="kind", id="nr")
    assert columns == {"label": ["01", "NA"], "id": ["007", ""]}
    assert shapes.longitude.tolist() == [9.5, 10]
    assert shapes.latitude.tolist() == [-50, 0.5]


def test_points_count_before_boxes(read):
    text = "west,south,east,north,longitude,latitude,label\n,,,,1,2,a\n"
    _, shapes = read(text)
    assert shapes.longitude.tolist() == [1]
    with pytest.raises(UserError, match="row 1 has '' as west and should have degrees"):
        read(text.replace("longitude", "x"))


def test_boxes_have_the_area_of_the_sphere_also_over_the_antimeridian(read):
    text = "west,south,east,north,label\n170,10,-170,20,a\n-10,10,10,20,a\n-180,-90,180,90,b\n"
    _, shapes = read(text)
    rise = np.sin(np.radians(20)) - np.sin(np.radians(10))
    expected = [np.radians(20) * rise, np.radians(20) * rise, 4 * np.pi]
    np.testing.assert_allclose(shapes.areas * np.radians(1) ** 2, expected, rtol=1e-12)


@pytest.mark.parametrize("box", ["180,1,-180,2", "5,1,5,2", "5,2,6,2"])
def test_a_box_without_any_area_holds_nothing(read, box):
    with pytest.raises(UserError, match="the box of row 2 holds nothing"):
        read(f"west,south,east,north,label\n1,1,2,2,a\n{box},a\n")


@pytest.mark.parametrize(
    ("header", "names", "missing"),
    [("longitude,latitude,kind", {}, "label"), ("longitude,latitude,label", {"id": "nr"}, "nr"),
     ("west,south,east,north,kind", {}, "label")],
)  # fmt: skip
def test_a_missing_label_is_not_taken_for_a_side_of_a_box(read, header, names, missing):
    with pytest.raises(
        UserError, match=f"has no column `{missing}`; it holds {header[:4]}"
    ) as told:
        read(f"{header}\n", **names)
    assert "of a box" not in str(told.value)


@pytest.mark.parametrize(
    "header", ["longitude,latitude,label,label", "longitude,latitude,latitude,label"]
)
def test_a_column_that_stands_there_twice_is_a_sentence(read, header):
    with pytest.raises(UserError, match=r"places\.csv: "):
        read(f"{header}\n1,2,3,4\n")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("nan,1", "row 2 has 'nan' as longitude"),
        ("1,inf", "row 2 has 'inf' as latitude"),
        ('"1,5",1', "row 2 has '1,5' as longitude"),
        ("1,-91", r"row 2 lies at longitude 1, latitude -91, and 1 of 2 rows.* They look swapped"),
        ("181,1", r"row 2 lies at longitude 181, latitude 1, and 1 of 2 rows [^.]*\.\.180 and "
         r"-90\.\.90\. Correct"),
    ],
)  # fmt: skip
def test_a_row_that_is_not_on_earth_is_told_by_its_number(read, row, sentence):
    with pytest.raises(UserError, match=sentence):
        read(f"longitude,latitude,label\n-180,90,a\n{row},a\n")


def test_text_that_is_not_utf_8_and_rows_of_uneven_length_are_sentences(read, tmp_path):
    with pytest.raises(UserError, match=r"is missing or no CSV \(CSV parse error: Expected 3 col"):
        read("longitude,latitude,label\n1,2\n")
    (tmp_path / "old.csv").write_bytes(
        "longitude,latitude,label\n1,2,Fl\u00e4che\n".encode("cp1252")
    )
    with pytest.raises(UserError, match=r"is missing or no CSV \(.*invalid UTF8"):
        read_csv(tmp_path / "old.csv", PlaceColumns())
