"""What labels, OpenStreetMap and class shares depend on, and what they do not."""

import pytest
from tests.planning.tiny_plan import make_plan

OWN = {"ponds": {"code": 9001, "theme": "water", "tags": ["natural=water"]}}


def rules(plan):
    return {
        "labels": plan.labels(),
        "class_shares": plan.class_shares(),
        "osm_features": plan.osm_features("tiny"),
        "osm_outlines": plan.osm_outlines("tiny"),
        "osm_layers": plan.osm_layers(),
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"osm": {"around": 60}}, {"osm_features", "osm_outlines"}),
        ({"osm": {"themes": ["water", "roads"]}}, {"osm_features"}),
        ({"osm": {"path": "a.osm.pbf", "outline": "a.gpkg", "index": "file"}}, set()),
        ({"labels": {"nodata_codes": [7]}}, {"labels"}),
        ({"splits": {"block_km": 11}}, {"class_shares"}),
        ({"seed": 7}, {"class_shares"}),
    ],
)
def test_a_setting_reaches_the_rules_that_read_it_and_no_other(plan, changes, expected):
    before, after = rules(plan), rules(make_plan(**changes))
    assert {rule for rule in before if before[rule] != after[rule]} == expected


def test_the_order_in_which_themes_cover_each_other_counts(plan):
    one, other = (make_plan(osm={"themes": order}).osm_features("tiny")
                  for order in (["water", "roads"], ["roads", "water"]))  # fmt: skip
    assert one != other


def test_shards_of_another_corpus_are_none_of_a_corpus(plan):
    more = {"tiny": {"source": "simulated", "size": "tiny"},
            "more": {"source": "simulated", "size": "tiny"}}  # fmt: skip
    both = make_plan(corpora=more)
    assert both.osm_outlines("tiny") == plan.osm_outlines("tiny")
    assert both.osm_outlines("more") != both.osm_outlines("tiny")
    assert both.class_shares() != plan.class_shares()


def test_a_folder_of_labels_that_is_not_there_has_a_state_and_no_traceback(tmp_path):
    masks = {"source": "raster", "path": "masks", "files": "*.tif", "classes": {0: "land"},
             "pattern": r"(?P<place>\w+)\.tif$"}  # fmt: skip
    missing = make_plan(labels=masks, data=str(tmp_path)).unwatched_labels("tiny")
    (tmp_path / "masks").mkdir()
    empty = make_plan(labels=masks, data=str(tmp_path)).unwatched_labels("tiny")
    (tmp_path / "masks" / "a.tif").touch()
    one = make_plan(labels=masks, data=str(tmp_path)).unwatched_labels("tiny")
    assert missing == empty != one
    broken = {**masks, "pattern": "(?P<place>"}
    assert make_plan(labels=broken, data=str(tmp_path)).unwatched_labels("tiny") == empty
