"""What Tile2Vec says of its samples before it trains."""

import logging

import pytest
from neighbour_tables import PLACES, method_of, samples_of, source_of

from speckle2vec.errors import UserError


def test_a_table_of_other_samples_is_a_sentence(table):
    with pytest.raises(UserError, match=r"holds none of the 8 training samples .*`patch`"):
        method_of(samples_of(source_of("hijklmno"), table))


def test_a_missing_table_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match=r"none was given; make it with `speckle2vec neighbours`"):
        method_of(samples_of(source_of(PLACES)))
    with pytest.raises(UserError, match=r"none\.parquet: is missing"):
        method_of(samples_of(source_of(PLACES), tmp_path / "none.parquet"))


def test_nothing_is_said_where_all_is_well(table, caplog):
    with caplog.at_level(logging.WARNING):
        method_of(samples_of(source_of(PLACES), table))
    assert not caplog.records


def test_patches_no_larger_than_the_crop_are_refused():
    sentence = r"patches are 32 x 32 pixels and the crops 32, .* set it to `table`"
    with pytest.raises(UserError, match=sentence):
        method_of(samples_of(source_of(PLACES)), neighbour="patch")
    method_of(samples_of(source_of(PLACES, side=33)), neighbour="patch")
