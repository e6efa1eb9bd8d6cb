"""What drawing places depends on, and what the places of one shard do."""

import pytest
import shapely
from tests.corpus.sampling.drawing import SQUARE, settings_for, write_outlines

from speckle2vec.errors import UserError
from speckle2vec.plan import Plan


def plan_for(outlines, **changes):
    return Plan(settings_for(outlines, **changes))


def test_drawing_depends_on_what_it_reads(tmp_path):
    path = tmp_path / "outlines.gpkg"
    write_outlines(path, [SQUARE])
    plan = plan_for(path)
    assert plan.place_outlines("cut") == [str(path)]
    first = plan.place_drawing("cut")
    assert plan_for(path).place_drawing("cut") == first
    for change in ({"seed": 1}, {"count": 5}, {"minimum_km": 1.0}, {"places_per_shard": 8}):
        assert plan_for(path, **change).place_drawing("cut") != first
    assert plan_for("https://example.org/land.gpkg").place_outlines("cut") == []
    both = plan_for(path, corine={"path": str(path)})
    assert both.place_outlines("cut") == [str(path)]


def test_more_places_change_no_shard_that_was_full(tmp_path):
    path = write_outlines(tmp_path / "outlines.gpkg", [SQUARE])
    few, many = plan_for(path, count=100), plan_for(path, count=300)
    full, last = "train-000001", "train-000002"
    assert few.places_drawn("cut", full) == many.places_drawn("cut", full)
    assert few.places_drawn("cut", last)["places"] == 36
    assert few.places_drawn("cut", last) != many.places_drawn("cut", last)
    assert plan_for(path, count=100, seed=1).places_drawn("cut", full) != few.places_drawn(
        "cut", full
    )


def test_other_outlines_change_every_shard(tmp_path):
    one = write_outlines(tmp_path / "a" / "outlines.shp", [SQUARE])
    told = plan_for(one).places_drawn("cut", "train-000001")
    other = write_outlines(tmp_path / "b" / "outlines.shp", [shapely.box(0, 0, 1, 1)])
    assert plan_for(other).places_drawn("cut", "train-000001")["files"] != told["files"]
    folder = plan_for(one.parent).places_drawn("cut", "train-000001")
    assert len(folder["files"]) == 1


def test_missing_outlines_are_told_before_anything_is_removed(tmp_path):
    path = write_outlines(tmp_path / "outlines.gpkg", [SQUARE])
    plan_for(path).check()
    corine = {"path": str(tmp_path / "clc.gpkg")}
    with pytest.raises(UserError, match=r"clc\.gpkg: there is no such file, and the places of"):
        plan_for(path, corine=corine).check()
    path.unlink()
    with pytest.raises(UserError, match=r"outlines\.gpkg: there is no such file"):
        plan_for(path).check()
    assert plan_for(path).places_drawn("cut", "train-000001")["files"] == ["missing"]
