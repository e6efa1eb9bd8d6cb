"""Which samples a run learns from."""

import itertools

import numpy as np
import pytest
from tests.landcover.choosing.conftest import SPLITS
from tests.landcover.finetuning.learnable import CLASSES, halves

from speckle2vec.errors import UserError
from speckle2vec.landcover.choosing.chosen import choose
from speckle2vec.settings.landcover import Run


def chosen_of(corpus, run="whole-100", seed=3, keys=None, own_seed=3):
    places = corpus.folder / "catalogue", corpus.folder / "labels"
    keys = corpus.keys if keys is None else keys
    return choose(keys, *places, Run.parse(run), seed, own_seed)


def test_blocks_are_those_of_the_catalogue_without_the_buffer(several):
    chosen = chosen_of(several)
    expected = {
        f"{shard}_{row}": split
        for shard, (row, split) in itertools.product(range(1, 5), enumerate(SPLITS))
        if split != "buffer"
    }
    assert dict(chosen.splits) == expected
    assert chosen.classes == CLASSES
    assert chosen.blocks["2_6"] == "3_0"
    assert chosen.numbers()["test"] == {"samples": 32, "blocks": 8}
    own = [halves(row, 8, 8) for row, split in enumerate(SPLITS) if split == "test"]
    of_test = [4 * sum(int((one == index).sum()) for one in own) for index in (1, 2)]
    assert chosen.pixels.shape == (3, 2)
    assert chosen.pixels[2].tolist() == of_test


def test_a_sample_without_a_labelled_pixel_is_left_out(corpus):
    def labelled(number):
        return halves(number, 8, 8) * (number != 3)

    corpus.write_shard("1", ["train"] * 12 + ["validation", "test"], labelled=labelled)
    chosen = chosen_of(corpus)
    assert "1_3" not in chosen.splits
    assert len(chosen.splits) == 13


def test_random_splits_are_70_20_10_of_all_and_know_no_buffer(several):
    chosen = chosen_of(several, "whole-100-random")
    assert len(chosen.splits) == 4 * len(SPLITS)
    counts = {name: entry["samples"] for name, entry in chosen.numbers().items()}
    for split, share in (("train", 0.7), ("validation", 0.2), ("test", 0.1)):
        assert abs(counts[split] / len(chosen.splits) - share) < 0.08
    assert dict(chosen_of(several, "whole-100-random", seed=4).splits) != dict(chosen.splits)


@pytest.mark.parametrize("split", ["", "-random"])
def test_shares_are_nested_and_the_test_stays_whole(several, split):
    whole, half, fifth = (chosen_of(several, f"whole-{share}{split}") for share in (100, 50, 20))
    assert fifth.of("train") < half.of("train") < whole.of("train")
    assert len(half.of("train")) == round(len(whole.of("train")) / 2)
    assert fifth.of("validation") <= half.of("validation") <= whole.of("validation")
    assert len(fifth.of("validation")) >= 8
    assert fifth.of("test") == half.of("test") == whole.of("test")
    assert fifth.pixels[2].tolist() == whole.pixels[2].tolist()


@pytest.mark.parametrize("split", ["", "-random"])
def test_every_seed_draws_a_share_of_its_own_and_all_are_scored_alike(several, split):
    one, again, other = (
        chosen_of(several, f"{mode}-50{split}", own_seed=seed)
        for mode, seed in (("whole", 3), ("frozen", 3), ("whole", 4))
    )
    assert one.splits == again.splits
    assert len(one.of("train")) == len(other.of("train"))
    assert one.of("train") != other.of("train")
    assert one.of("test") == other.of("test")
    whole = chosen_of(several, f"whole-100{split}", own_seed=5)
    for splits in (["test"], ["validation", "test"]):
        expected = frozenset().union(*(whole.of(name) for name in splits))
        assert one.scored(splits) == other.scored(splits) == expected
        assert {one.blocks[name] for name in expected} == {whole.blocks[name] for name in expected}


@pytest.mark.parametrize("run", ["whole-30", "frozen-100-random"])
def test_the_order_of_shards_and_the_mode_do_not_matter(several, run):
    chosen = chosen_of(several, run)
    turned = chosen_of(several, run.replace("whole", "frozen"), keys=several.keys[::-1])
    assert list(turned.splits.items()) == list(chosen.splits.items())
    np.testing.assert_array_equal(turned.pixels, chosen.pixels)


@pytest.mark.parametrize("run", ["whole-50", "whole-100-random"])
def test_a_shard_that_comes_later_changes_little(several, run):
    fewer, all_ = (chosen_of(several, run, keys=several.keys[:n]) for n in (3, 4))
    old = {name: split for name, split in all_.splits.items() if not name.startswith("4_")}
    changed = set(old.items()) ^ set(fewer.splits.items())
    assert len(changed) <= (0 if run.endswith("random") else 12)


def test_a_share_that_leaves_too_few_says_how_many(several):
    with pytest.raises(UserError, match="names 5 percent, which leaves 5 of 96 labelled training"):
        chosen_of(several, "whole-5")


def test_a_split_without_a_label_says_what_the_labels_cover(corpus):
    corpus.write_shard(
        "1", ["train"] * 9 + ["test", "validation", "test"],
        labelled=lambda number: halves(number, 8, 8) * (number < 9),
    )  # fmt: skip
    with pytest.raises(UserError) as stopped:
        chosen_of(corpus)
    told = str(stopped.value)
    assert told.startswith("No sample of the split validation or test has a label: the labels")
    assert "cover 9 of 12 samples (train 9, validation 0, test 0)" in told
    assert "`labels.path`" in told


def test_a_class_that_is_absent_is_told(corpus, caplog):
    corpus.write_shard(
        "1", ["train"] * 9 + ["validation", "test"],
        labelled=lambda number: np.full((8, 8), 2 if number < 10 else 1, np.uint8),
    )  # fmt: skip
    chosen_of(corpus)
    assert "No pixel of the split train is land: nothing can learn to tell it." in caplog.text
    assert "No pixel of the split test is water: its scores are undefined." in caplog.text
