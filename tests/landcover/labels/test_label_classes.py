import json

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels import corine
from speckle2vec.landcover.labels.classes import Legend
from speckle2vec.settings.labels import Labels


def legend(**values):
    return Legend(Labels(**({"source": "raster", "path": "x"} | values)))


@pytest.mark.parametrize(
    ("level", "count", "code", "index"), [(1, 5, 311, 3), (2, 15, 311, 9), (3, 44, 311, 23)]
)
def test_corine_levels(level, count, code, index):
    found = legend(level=level)
    assert [one.index for one in found.classes] == list(range(1, count + 1))
    assert found.index(code) == index
    assert str(code).startswith(str(found.classes[index - 1].code))
    assert all(found.index(one) > 0 for one in corine.LEVEL_3)
    assert not found.unknown


def test_codes_are_read_as_text_and_numbers():
    found = legend()
    assert [found.index(value) for value in ("523", " 112", 211.0, np.int64(411))] == [5, 1, 2, 4]


def test_the_official_legend(real):
    legend_file = real("boundaries") / "clc_legend.json"
    rows = json.loads(legend_file.read_text())["level3"]
    assert {row["code"]: row["name"] for row in rows} == corine.LEVEL_3
    told = {row["code"]: "#" + bytes(row["rgb"]).hex() for row in rows}
    assert told == corine.COLOURS
    assert [corine.colour(code) for code in (3, 31, 324)] == ["#80ff00", "#80ff00", "#a6f200"]


def test_the_numbers_of_the_100_m_raster():
    found = legend(codes="clc-grid", level=3)
    codes = np.arange(1, 45)
    np.testing.assert_array_equal(found.indices(codes), codes)
    assert found.index(48) == 0
    assert legend(codes="clc-grid").index(44) == 5
    assert not found.unknown


def test_nodata_and_unknown_codes_are_told_apart():
    found = legend()
    image = np.array([[112, 995, 777], [777, 0, 999]])
    np.testing.assert_array_equal(found.indices(image), [[1, 0, 0], [0, 0, 0]])
    assert dict(found.unknown) == {"777": 2}
    assert found.index("sea") == 0
    assert found.unknown_told() == "777 (2 times), sea (1 times)"


def test_which_codes_are_nodata_is_a_setting():
    found = legend(nodata_codes=[777], read_as={995: 523})
    assert [found.index(code) for code in (777, 995, 0)] == [0, 5, 0]
    assert dict(found.unknown) == {"0": 1}


def test_own_classes_are_numbered_by_code_and_join_by_name():
    found = legend(
        classes={5: "land", 0: "land", 1: "water"}, nodata_codes=[0, -1],
        colours={"water": "#0000ff"},
    )  # fmt: skip
    assert [(one.index, one.code, one.name) for one in found.classes] == [
        (1, 0, "land"), (2, 1, "water"),
    ]  # fmt: skip
    assert [found.index(code) for code in (0, 1, 5, -1)] == [1, 2, 1, 0]
    assert found.classes[1].colour == "#0000ff"
    assert found.classes[0].colour.startswith("#")


def test_nothing_known_at_all_is_refused():
    found = legend()
    found.indices(np.array([1, 2, 2]))
    found.check(known=3, where="x")
    with pytest.raises(UserError, match=r"tiny/a: holds none of the known codes") as caught:
        found.check(known=0, where="tiny/a")
    assert "2 (2 times), 1 (1 times)" in str(caught.value)
    assert "labels.classes" in str(caught.value)
