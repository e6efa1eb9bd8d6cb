"""How many samples Tile2Vec says it has no neighbour of, or nothing but neighbours."""

import logging

import pytest
import torch
from neighbour_tables import samples_of, source_of, write_table

from speckle2vec.errors import UserError
from speckle2vec.pretrain.triplet_checks import check_known, check_room, places_of

CPU = torch.device("cpu")


def told(tmp_path, caplog, ids, places, lists, **nearness):
    """Warnings about a split whose samples are in a table of these places and lists."""
    path = write_table(tmp_path / "own.parquet", places, lists, **nearness)
    source = source_of(ids)
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        check_known(places_of(path, source, CPU), samples_of(source, path))
    return [record.getMessage() for record in caplog.records]


def test_samples_that_are_all_within_the_radius_are_told(tmp_path, caplog):
    places = {"a": 0.0, "b": 0.5, "c": 0.9}
    lists = {"a": ["b", "c"], "b": ["c", "a"], "c": ["b", "a"]}
    (line,) = told(tmp_path, caplog, "abc", places, lists)
    assert "For 3 of 3 training samples, all others looked at are neighbours" in line
    assert "Lower `neighbours.radius`" in line


def test_only_the_sample_in_the_middle_sees_nothing_distant(tmp_path, caplog):
    places = {"a": 0.0, "b": 0.8, "c": 1.6}
    lists = {"a": ["b"], "b": ["a", "c"], "c": ["b"]}
    (line,) = told(tmp_path, caplog, "abc", places, lists)
    assert line.startswith("For 1 of 3 training samples")


def test_samples_without_a_neighbour_are_told_and_not_counted_as_enclosed(tmp_path, caplog):
    places = {"a": 0.0, "b": 0.5, "c": 50.0, "d": 50.5}
    lists = {"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}
    (line,) = told(tmp_path, caplog, "axbcdy", places, lists)
    assert line.startswith("2 of 6 training samples have no known position or no neighbour")


def test_one_sample_alone_has_no_neighbour_to_be_drawn(tmp_path, caplog):
    with pytest.raises(UserError, match=r"own.parquet: holds none of the 1 training samples"):
        told(tmp_path, caplog, "a", {"a": 0.0, "b": 0.5}, {"a": ["b"], "b": ["a"]})


@pytest.mark.parametrize(("height", "width"), [(33, 32), (32, 64)])
def test_patches_that_are_longer_than_the_crop_on_one_side_have_room(height, width):
    check_room((3, height, width), 32)
    with pytest.raises(UserError, match=f"are {height} x {width} pixels and the crops 64"):
        check_room((3, height, width), 64)
