"""One image of every overpass: what is together, and which image stands for it."""

import numpy as np
import pytest
from tests.corpus.search.few_images import image, images_of

from speckle2vec.corpus.search.overpasses import overpasses


def kept(*images, held=None):
    """Ids of the images kept, in their order."""
    columns = images_of(*images)
    chosen = np.arange(len(images)) if held is None else np.array(held, np.int64)
    return columns.items[overpasses(columns, chosen)].tolist()


@pytest.mark.parametrize(("apart", "count"), [(60_000, 1), (60_001, 2)])
def test_a_minute_apart_is_together(apart, count):
    assert len(kept(image("a", 0), image("b", apart))) == count


def test_frames_that_follow_each_other_are_one_overpass_however_long():
    frames = [image(f"{number}", 25_000 * number, made_ms=number) for number in range(9)]
    assert kept(*frames) == ["8"]
    assert kept(*frames[:3], *frames[6:]) == ["2", "8"]


def test_two_satellites_at_one_moment_are_two_overpasses():
    assert kept(image("b", 7, "sentinel-1a"), image("a", 7, "sentinel-1b")) == ["a", "b"]


def test_the_newest_processing_stands_for_it_and_of_two_as_new_the_lower_id():
    assert kept(image("a", 0, made_ms=5), image("b", 9, made_ms=6)) == ["b"]
    assert kept(image("b", 0, made_ms=6), image("a", 9, made_ms=6)) == ["a"]
    assert kept(image("a", 0), image("b", 9, made_ms=1)) == ["b"]


def test_the_order_of_the_images_does_not_count():
    random = np.random.default_rng(0)
    images = [
        image(f"{number:03d}", int(time), f"sentinel-{number % 3}", int(random.integers(3)))
        for number, time in enumerate(random.integers(0, 3_000_000, 120))
    ]
    first = kept(*images)
    assert 3 < len(first) < 100
    for _ in range(5):
        assert kept(*(images[at] for at in random.permutation(120))) == first
    times = {one.item: one.time_ms for one in images}
    assert [times[name] for name in first] == sorted(times[name] for name in first)


def test_only_images_of_the_patch_count():
    images = image("new", 0, made_ms=9), image("old", 1, made_ms=1), image("later", 90_000)
    assert kept(*images, held=[2, 1]) == ["old", "later"]
    assert kept(*images, held=[2]) == ["later"]
    assert kept(*images, held=[]) == []
