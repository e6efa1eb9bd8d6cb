"""Names of the runs on labels."""

import pytest
from pydantic import ValidationError

from speckle2vec.errors import UserError
from speckle2vec.settings.evaluate import Grid
from speckle2vec.settings.landcover import LandCover, Run


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("whole-100", Run("whole", 100)),
        ("frozen-2.5", Run("frozen", 2.5)),
        ("fit-5-random", Run("fit", 5, "random")),
    ],
)
def test_a_run_has_one_name(name, run):
    assert Run.parse(name) == run
    assert str(run) == name


@pytest.mark.parametrize(
    "name",
    ["whole", "whole-0", "whole-101", "half-100", "whole-100-blocks", "whole-5-a-b", "whole-05"],
)
def test_other_names_are_a_sentence(name):
    with pytest.raises(UserError, match=f"`{name}` names no run on labels"):
        Run.parse(name)


def test_every_model_and_every_baseline_has_every_share_split_and_seed():
    grid = Grid(methods=("none", "vae"), encoders=("resnet18",), seeds=(42, 7))
    chosen = LandCover(shares=(5, 100), splits=("blocks", "random"), baselines=("majority",))
    cells = chosen.cells(grid, 42)
    assert len(set(cells)) == len(cells)
    ends = ["5", "100", "5-random", "100-random"]
    for model in ("none/resnet18", "none/resnet18@7", "vae/resnet18", "vae/resnet18@7"):
        assert {f"sar-temporal/{model}/whole-{end}" for end in ends} <= set(cells)
    for still in ("none/resnet18@7", "none/random-convolutions", "none/random-convolutions@7"):
        assert {f"sar-temporal/{still}/frozen-{end}" for end in ends} <= set(cells)
    assert {f"sar-temporal/pixels/majority@7/fit-{end}" for end in ends} <= set(cells)
    assert len(cells) == 4 * (4 + 4 + 2)
    assert not any("/pca/" in cell or "vae/resnet18/frozen" in cell for cell in cells)


def test_frozen_untrained_encoders_are_named_once():
    cells = LandCover(modes=("whole", "frozen")).cells(Grid(methods=("none",)), 42)
    assert cells.count("sar-temporal/none/cnn-transformer/frozen-100") == 1


def test_nothing_is_named_twice():
    with pytest.raises(ValidationError, match="names something twice"):
        LandCover(shares=(5, 5))
