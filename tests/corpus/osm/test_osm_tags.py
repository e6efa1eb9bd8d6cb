"""The table of classes, and how settings change it."""

import pytest

from speckle2vec.corpus.osm.tags import Matcher, under_ground
from speckle2vec.errors import UserError
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.osm import Osm
from speckle2vec.settings.osm_table import DEFAULT_CLASSES

MAST = {"theme": "power", "code": 1201, "tags": ["man_made=mast"], "forms": ["point"]}


def osm(**values):
    return parse_settings({"corpora": {"a": {"source": "simulated"}}, "osm": values}, "test").osm


def classes(table, form="area of a way", **tags):
    return [name for _, name in Matcher(table).match(tags, form)]


def test_the_default_table():
    assert list(dict.fromkeys(one.theme for one in DEFAULT_CLASSES.values())) == [
        "buildings", "roads", "railways", "power", "water", "wetland", "nature", "industry",
        "agriculture", "settlement",
    ]  # fmt: skip
    assert len({one.code for one in DEFAULT_CLASSES.values()}) == len(DEFAULT_CLASSES)
    for name, one in DEFAULT_CLASSES.items():
        # lines have a width, but for the coast, which is where water ends
        assert one.width > 0 or not {"line", "point"} & set(one.forms) or name == "coastline", name


def test_the_same_tags_are_not_two_classes_of_a_theme():
    seen = {}
    for one in DEFAULT_CLASSES.values():
        for text in one.tags:
            if " + " not in text:
                key, _, values = text.partition("=")
                for value in values.split("|"):
                    assert seen.setdefault((one.theme, key, value), one) is one, (key, value)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"building": "yes"}, ["other building"]),
        ({"building": "no"}, []),
        ({"natural": "water", "water": "reservoir"}, ["reservoir"]),
        ({"natural": "water", "water": "moat"}, ["lake"]),
        ({"power": "plant", "plant:source": "solar"}, ["solar plant"]),
        ({"power": "plant", "plant:source": "coal"}, ["power plant"]),
        ({"natural": "wetland", "wetland": "bog"}, ["peat bog"]),
        ({"natural": "wetland"}, ["marsh"]),
        ({"water": "reservoir"}, []),
        ({"landuse": "forest", "building": "barn"}, ["farm building", "forest"]),
    ],
)
def test_areas(tags, expected):
    assert classes(DEFAULT_CLASSES, **tags) == expected


def test_the_order_of_tags_does_not_count():
    tags = {"natural": "water", "water": "river", "landuse": "basin", "waterway": "riverbank"}
    turned = dict(reversed(tags.items()))
    assert classes(DEFAULT_CLASSES, **tags) == classes(DEFAULT_CLASSES, **turned) == ["river"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"tunnel": "yes"}, True), ({"tunnel": "no"}, False), ({"tunnel": "culvert"}, True),
        ({"tunnel": "building_passage"}, False), ({"location": "underground"}, True),
        ({"location": "overground"}, False), ({"indoor": "yes"}, True), ({}, False),
    ],
)  # fmt: skip
def test_under_ground(tags, expected):
    assert under_ground(tags) is expected


def test_themes_are_chosen_in_their_order():
    table = osm(themes=["water", "roads"]).table
    assert list(dict.fromkeys(one.theme for one in table.values())) == ["water", "roads"]
    assert classes(table, landuse="forest") == []


def test_own_classes_come_first_in_their_theme():
    forest = {"theme": "nature", "code": 1202, "tags": ["landuse=forest + managed=no"]}
    ours = osm(classes={"old forest": forest, "mast": MAST, "park": {**MAST, "code": 1003}})
    assert classes(ours.table, landuse="forest", managed="no") == ["old forest"]
    assert classes(ours.table, landuse="forest") == ["forest"]
    assert classes(ours.table, "node", man_made="mast") == ["mast"]
    assert classes(ours.table, leisure="park") == []


def test_own_classes_alone():
    assert list(osm(classes={"mast": MAST}, default_classes=False).table) == ["mast"]


def test_own_classes_stand_as_a_settings_file_gives_them_back():
    """Settings are written sorted by name; the order must not change with that."""
    many = {name: {**MAST, "code": code} for name, code in (("b", 1203), ("a", 1204))}
    ours = osm(classes=many)
    again = Osm(**{**ours.model_dump(), "classes": dict(sorted(ours.classes.items()))})
    assert list(again.table)[:4] == list(ours.table)[:4]
    masts = [name for name in ours.table if name in many]
    assert masts == ["b", "a"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"themes": ["forests"]}, "there is no theme forests; there are buildings, roads, rail"),
        ({"themes": ["water", "water"]}, "names a theme twice"),
        ({"classes": {"mast": {**MAST, "code": 101}}}, "101 stands for several classes: mast, ho"),
        ({"classes": {"mast": {**MAST, "tags": ["man_made"]}}}, "'man_made' is no tag; write it"),
        ({"classes": {"mast": {**MAST, "width": 200}}}, "at least half as wide as mast, 100 m"),
        ({"classes": {"mast": {**MAST, "forms": ["box"]}}}, r"forms.0` is wrong"),
        ({"default_classes": False}, "`classes` must name some"),
    ],
)
def test_wrong_settings_are_told(values, sentence):
    with pytest.raises(UserError, match=sentence):
        osm(**values)
