"""Values that are numbers to YAML and that no stage can work with."""

import math

import pytest
from pydantic import ValidationError

from speckle2vec.settings.evaluate import Grid, Probes
from speckle2vec.settings.landcover import LandCover, Run


def test_a_strength_that_is_no_number_is_refused():
    with pytest.raises(ValidationError, match="strengths must be above 0"):
        Probes(strengths=(math.nan, 1.0))
    assert Probes(strengths=(math.inf,)).strengths == (math.inf,)  # no regularisation at all


@pytest.mark.parametrize("share", [0.00001, 0.0001, 33.3333333, 99.5, 100])
def test_every_share_that_is_accepted_names_runs_that_can_be_read(share):
    try:
        chosen = LandCover(shares=(share,))
    except ValidationError:
        return
    for cell in chosen.cells(Grid(), 42):
        Run.parse(cell.rpartition("/")[2])


def test_a_share_too_small_for_a_name_is_refused():
    with pytest.raises(ValidationError, match="shares"):
        LandCover(shares=(100, 0.00001))
