"""Which rows of the catalogue a map asks for."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.landcover.maps.wanted import Wanted, wanted_rows
from speckle2vec.products.keys import ShardKey


@pytest.fixture
def names(corpus, make_grid):
    """Finds names of rows; samples stand 0.1 degrees apart, from 15.0 east in the zone 33 N."""
    for shard, east in (("a", 500_000), ("b", 515_000)):
        corpus.write(shard, [make_grid(east), make_grid(east + 7_500)])

    def found(**wanted):
        return [row["sample_id"] for row in wanted_rows(corpus.catalogue, Wanted(**wanted))]

    return found


def test_nothing_wanted_is_everything_that_was_accepted(names):
    assert names() == ["a-0", "a-1", "b-0", "b-1"]


def test_names_come_once_and_as_asked_for(names):
    assert names(samples=("b-1", "a-0", "b-1")) == ["b-1", "a-0"]


def test_names_may_be_looked_for_in_one_shard(names):
    assert names(samples=("b-1",), shard=ShardKey("corpus", "b")) == ["b-1"]
    with pytest.raises(UserError, match="no sample `a-1`"):
        names(samples=("a-1",), shard=ShardKey("corpus", "b"))


def test_bounds_hold_centres_on_their_edge(names, corpus):
    (row,) = wanted_rows(corpus.catalogue, Wanted(samples=("a-1",)))
    east, north = row["longitude"], row["latitude"]
    assert names(bounds=(east, north, east, north)) == ["a-1"]
    assert names(bounds=(-180, north, east, 90)) == ["a-0", "a-1"]


def test_bounds_whose_west_is_in_the_east_cross_the_antimeridian(names):
    assert names(bounds=(15.15, -90, 15.05, 90)) == ["a-0", "b-0", "b-1"]
    assert names(bounds=(170, -90, -170, 90)) == []


def test_refused_samples_are_no_rows_and_their_names_a_sentence(names):
    assert "a-refused" not in names(shard=ShardKey("corpus", "a"))
    with pytest.raises(UserError, match=r"`a-refused` was refused: .*mend that and run"):
        names(samples=("a-refused",))


def test_names_that_are_like_no_other_have_no_neighbours_named(names):
    with pytest.raises(UserError, match=r"no sample `xyz` in \S*catalogue\.$"):
        names(samples=("xyz",))
