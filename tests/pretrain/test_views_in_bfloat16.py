"""Views are data, which a lower precision of the network must not blur."""

import pytest
import torch
from drawn_batches import batch, draws, normal

from speckle2vec.pretrain.csf import Strengths, csf_view
from speckle2vec.pretrain.mae import hide, seen
from speckle2vec.pretrain.views import sar_view
from speckle2vec.settings.methods import Mae, SarViews

VISIBLE = ("B02", "B03", "B04", "VV")


def in_bfloat16(made):
    """What is made in float32, and under the autocast of a training in bfloat16."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        lower = made()
    return made(), lower


def test_a_radar_view_is_the_same():
    cubes = normal(8, 3, 128, 128)
    expected, found = in_bfloat16(lambda: sar_view(cubes, SarViews(), draws(8)))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


def test_a_crop_lies_where_it_was_drawn():
    ramp = torch.arange(128.0).expand(8, 1, 128, 128)
    chosen = SarViews(channel_dropout=0, flip=False, gain=0, quarter_turns=False, speckle=0)
    expected, found = in_bfloat16(lambda: sar_view(ramp, chosen, draws(8)))
    assert (found - expected).abs().max() < 0.01, "pixels"


@pytest.mark.parametrize("features", [VISIBLE, ("VV", "VH", "B11", "B12")])
def test_a_view_of_sensor_fusion_is_the_same(features):
    strengths = Strengths(4, 0.3, 0.3, 0.2, 0.2, 0.5, 0.2)
    cubes = normal(8, 4, 64, 64)
    expected, found = in_bfloat16(lambda: csf_view(batch(cubes), features, strengths))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_what_is_hidden_and_how_far_the_rest_is_raised_are_the_same():
    cubes = normal(8, 3, 64, 64)
    expected, found = in_bfloat16(lambda: seen(cubes, hide(64, Mae(), draws(8))))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
