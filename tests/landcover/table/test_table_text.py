"""The table for people says what its figures are."""

import re

import pytest
from tests.landcover.few_classes import settings_of

from speckle2vec.landcover.table.run import make_table

GRID = {"methods": ["none", "vae", "csf"], "encoders": ["resnet18", "resnet34"]}


@pytest.fixture
def page(runs):
    def write(seeds=(42,), unlucky=(), **landcover):
        settings = settings_of(
            grid={**GRID, "seeds": list(seeds)}, landcover={"draws": 200, **landcover}
        )
        runs.draw(
            settings,
            lambda cell: (
                {"none": 0.5, "vae": 0.8, "csf": 0.3, "pixels": 0.55}[cell.method]
                - (0.4 if cell.encoder == "majority" else 0)
                - (0.4 if (cell.method, cell.seed) in unlucky else 0)
                + (0.1 if cell.split == "random" else 0)
            ),
        )
        path = runs.folder / "table.md"
        make_table(settings, settings.cells, runs.folder, runs.folder / "table.csv", path)
        return path.read_text()

    return write


def test_it_is_laid_out_like_the_table_of_the_paper(page):
    text = page()
    assert "| pretraining | resnet18 | resnet34 |" in text
    assert re.search(r"\| vae \| [\d.]+ \([\d.]+ to [\d.]+\) `\*\+` \|", text)
    assert re.search(r"\| none \| [\d.]+ \([\d.]+ to [\d.]+\) \|", text)
    for baseline in ("majority, pixel by pixel", "random-convolutions, frozen"):
        assert re.search(rf"\| {baseline} \| [\d.]+ \(", text)


def test_it_says_plainly_whether_pretraining_helped(page):
    text = page()
    assert "2 of 4 pretrained encoders are better than the same encoder without pretraining" in text
    assert "2 of 6 encoders are better than the best classifier of single pixels" in text


def test_a_method_that_helps_by_one_lucky_seed_is_said_to(page):
    """Seed 8 scores .4, below `none` and pixels; over three seeds the mean is above both."""
    text = page(seeds=(42, 7, 8), unlucky=[("vae", 8)])
    assert re.search(r"\| vae \| [\d.]+ \([\d.]+ to [\d.]+\) `\(\*\)\(\+\)` \|", text)
    assert "2 of 4 pretrained encoders are better than the same encoder without" in text
    assert "pretraining, 2 of them not for every seed" in text
    assert "of them not for every seed" not in page(seeds=(42, 7, 8))


def test_every_share_and_split_has_a_part_of_its_own(page):
    text = page(shares=[5, 100], splits=["blocks", "random"])
    for part in ("5 % of the labels, spatial blocks", "100 % of the labels, random split"):
        assert f"## sar-temporal, {part}" in text
    asked = "5 %, 100 % of the labels: 24 samples of 12 blocks are scored."
    assert f"sar-temporal, spatial blocks, {asked}" in text


def test_how_much_the_random_split_flatters_is_the_difference_of_the_two(page):
    text = page(splits=["blocks", "random"])
    (line,) = re.findall(r"\| sar-temporal, vae, resnet18, whole \| (.*) \|", text)
    blocks, random, gain = re.fullmatch(r"([\d.]+), ([\d.]+) \((.*)\)", line).groups()
    assert float(gain) == pytest.approx(float(random) - float(blocks), abs=0.11)
    assert re.search(r"score \+[\d.]+ points there on average \(\+[\d.]+ to \+[\d.]+\)", text)
    assert "flatters" not in page()


def test_the_intervals_are_explained(page):
    text = page(confidence=0.9)
    assert "Intervals hold 90% of 200 draws of whole blocks" in text
    assert "Figures are one seed each." in text
    assert "seeds_above_none" not in text
    text = page(seeds=(42, 7))
    assert "Figures are the mean over 2 seeds." in text
    assert "`seeds_above_none` counts the seeds" in text


def test_scores_on_samples_that_chose_the_epoch_are_said_to_be(page):
    told = "on which the best epoch of each network was chosen"
    assert told not in page()
    assert told in page(scored=["validation", "test"])
    assert told not in page(scored=["validation", "test"], finetune={"patience": 0})
