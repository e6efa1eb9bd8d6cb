"""How places are dealt to shards, and what a change of the outlines' files is."""

import math

import pytest
from tests.corpus.sampling.drawing import SQUARE, settings_for, write_outlines
from tests.planning.tiny_plan import make_plan

from speckle2vec.errors import UserError
from speckle2vec.plan import Plan
from speckle2vec.planning.archive import _digest


@pytest.fixture(autouse=True)
def _looked_at_anew():
    """A plan looks at each file once; a test plays several starts."""
    _digest.cache_clear()


def told(path, shard="train-000001", **changes):
    _digest.cache_clear()
    return Plan(settings_for(path, **changes)).places_drawn("cut", shard)


@pytest.mark.parametrize(("count", "each"), [(1, 64), (64, 64), (65, 64), (10, 1), (7, 3), (9, 3)])
def test_every_place_is_of_one_shard_and_only_the_last_holds_fewer(tmp_path, count, each):
    shards = [f"train-{number:06d}" for number in range(1, math.ceil(count / each) + 1)]
    plan = Plan(settings_for(tmp_path / "none.gpkg", count=count, places_per_shard=each))
    held = [plan.places_drawn("cut", shard)["places"] for shard in shards]
    assert sum(held) == count
    assert held[:-1] == [each] * (len(held) - 1)
    assert 0 < held[-1] <= each


def test_a_folder_of_outlines_is_known_by_names_and_contents_and_not_by_where_it_lies(tmp_path):
    write_outlines(tmp_path / "a" / "land.gdb" / "one.shp", [SQUARE])
    first = told(tmp_path / "a" / "land.gdb")
    (tmp_path / "a" / "land.gdb").rename(tmp_path / "land.gdb")
    moved = told(tmp_path / "land.gdb")
    assert moved["files"] == first["files"]
    (tmp_path / "land.gdb" / "one.dbf").rename(tmp_path / "land.gdb" / "two.dbf")
    renamed = told(tmp_path / "land.gdb")
    (tmp_path / "land.gdb" / "deep").mkdir()
    (tmp_path / "land.gdb" / "deep" / "empty").touch()
    added = told(tmp_path / "land.gdb")
    assert len({*first["files"], *renamed["files"], *added["files"]}) == 3


def test_the_same_bytes_are_the_same_outlines_however_new(tmp_path):
    path = write_outlines(tmp_path / "land.gpkg", [SQUARE])
    whole, before = path.read_bytes(), told(path)
    path.unlink()
    path.write_bytes(whole)
    assert told(path) == before
    path.write_bytes(whole + b"\0")
    assert told(path)["files"] != before["files"]


def test_corine_is_watched_beside_the_outlines_and_a_url_is_no_file(tmp_path):
    land, corine = tmp_path / "land.gpkg", tmp_path / "clc.gpkg"
    both = Plan(settings_for(land, corine={"path": str(corine)}))
    assert both.place_outlines("cut") == [str(land), str(corine)]
    remote = Plan(settings_for("https://a/land.gpkg", corine={"path": str(corine)}))
    assert remote.place_outlines("cut") == [str(corine)]


def test_a_corpus_that_is_not_cut_has_no_places_to_draw(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = make_plan()
    plan.check()
    with pytest.raises(UserError, match="'tiny' is not cut from archives"):
        plan.place_drawing("tiny")
