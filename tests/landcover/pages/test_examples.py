import numpy as np
import pytest

from speckle2vec.landcover.pages.examples import Candidate, candidates, places, spread, views
from speckle2vec.products.keys import ShardKey

KEY = ShardKey("corpus", "a")


def candidate(name, *counts):
    return Candidate(KEY, name, np.array(counts, np.int64))


def names(found):
    return [one.sample_id for one in found]


def test_a_class_is_shown_by_a_sample_with_enough_and_much_beside_it():
    found = [
        candidate("pure", 0, 100, 0, 0),
        candidate("mixed", 0, 70, 15, 15),
        candidate("fair", 0, 70, 30, 0),
        candidate("other", 10, 0, 60, 30),
        candidate("third", 95, 0, 0, 5),
    ]
    assert names(spread(found, 0.6, 0, 1, "test")) == ["mixed", "other", "third"]
    assert names(spread(found, 1.0, 0, 1, "test")) == ["pure", "other", "mixed"]


def test_the_rest_are_drawn_by_a_named_stream():
    found = [candidate(f"s{index}", 0, index + 1, 1) for index in range(20)]
    drawn = spread(found, 0.6, 2, 1, "test")
    assert len(set(names(drawn))) == 4
    assert names(spread(found[::-1], 0.6, 2, 1, "test")) == names(drawn)
    others = {tuple(names(spread(found, 0.6, 2, seed, "test"))[2:]) for seed in range(8)}
    assert len(others) > 4
    assert {names(spread(found, 0.6, 2, seed, "test"))[0] for seed in range(8)} == {names(drawn)[0]}


def test_few_samples_and_many_classes():
    assert spread([], 0.6, 2, 1, "test") == []
    one = candidate("one", 0, 5, 5)
    assert names(spread([one], 0.6, 2, 1, "test")) == ["one"]
    many = [
        candidate(f"s{index:02}", 0, *np.eye(44, dtype=int)[index] * (index + 1))
        for index in range(44)
    ]
    assert names(spread(many, 0.6, 0, 1, "test")) == [f"s{index:02}" for index in range(8)]


@pytest.fixture
def keys(corpus, make_grid):
    grids = [make_grid()] * 3
    return [corpus.write("b", grids), corpus.write("a", grids, left_out=("a-1",))]


def test_candidates_have_labels_and_cubes(corpus, keys):
    classes, found = candidates(keys, corpus.cubes, corpus.labels)
    assert len(classes) == 5
    assert names(found) == ["a-0", "a-2", "b-0", "b-1", "b-2"]
    assert found[0].counts.tolist() == [40, 30 * 59, 10 * 59, 0, 0, 0]
    assert np.allclose(found[0].shares.sum(), 59 / 60)
    _, few = candidates(keys, corpus.cubes, corpus.labels, {"b-2", "a-1"})
    assert names(few) == ["b-2"]


def test_views_of_whole_samples(corpus, keys):
    _, found = candidates(keys, corpus.cubes, corpus.labels)
    ((view, shard, position),) = views(found[1:2], corpus.cubes, corpus.labels)
    assert shard.sample_ids[position] == "a-2"
    assert (view.optical, view.radar.shape) == (None, (64, 64, 3))
    assert view.shape == (40, 60)
    assert [str(date)[:10] for date in view.dates] == ["2020-06-28", "2020-06-30"]
    assert places(found[1:2], corpus.catalogue)["a-2"]["place"] == "place of a-2"


def test_native_pixels_lie_where_they_are(corpus, make_grid):
    """Cubes of 64 x 64 show all of 60 rows and the middle 64 of 80 columns."""
    key = corpus.write("c", [make_grid(shape=(60, 80))], features="fusion")
    _, found = candidates([key], corpus.cubes, corpus.labels)
    ((view, shard, _),) = views(found, corpus.cubes, corpus.labels)
    assert view.optical.shape == view.radar.shape == (60, 80, 3)
    cube = shard.read(0, 1)[0].astype(np.float64)
    red = np.clip(cube[3] / 0.3, 0, 1) ** (1 / 1.5) * 255
    assert np.abs(view.optical[:, 8:72, 0] - red[2:62]).max() <= 0.51
    assert (view.optical[:, :8] == 255).all()
    assert (view.optical[:, 72:] == 255).all()
