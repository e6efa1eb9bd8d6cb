"""Saturation and hue of the visible bands."""

import colorsys

import numpy as np
import torch
from drawn_batches import normal

from speckle2vec.pretrain.colour import colour_matrices, recoloured, visible_bands

FUSION = ("B01", "B02", "B03", "B04", "B8A", "VV", "VH")
RADAR = ("vv_mean", "vh_mean", "clahe_std", "sobel_difference")


def test_visible_bands_are_red_green_blue_wherever_they_stand():
    assert visible_bands(FUSION) == (3, 2, 1)
    assert visible_bands(("VV", "VH", "B02", "B04")) == ()


def test_grey_stays_grey_and_brightness_stays():
    random = np.random.default_rng(0)
    matrices = colour_matrices(*torch.tensor(random.uniform(-1, 2, (2, 50)), dtype=torch.float32))
    grey = torch.full((50, 3, 1), 0.7)
    torch.testing.assert_close(matrices @ grey, grey)
    pixels = torch.tensor(random.normal(size=(50, 3, 1)), dtype=torch.float32)
    torch.testing.assert_close((matrices @ pixels).mean(1), pixels.mean(1), atol=1e-5, rtol=0)


def test_a_third_of_a_turn_takes_red_to_green_as_the_hue_circle_does():
    red = torch.tensor([1.0, 0.0, 0.0])
    turned = colour_matrices(torch.ones(1), torch.tensor([1 / 3]))[0] @ red
    expected = colorsys.hsv_to_rgb(1 / 3, 1, 1)
    torch.testing.assert_close(turned, torch.tensor(expected), atol=1e-6, rtol=0)


def test_saturation_0_is_the_grey_image_and_1_the_image():
    pixels = torch.tensor([[0.2, -0.4, 1.1]])
    grey, same = colour_matrices(torch.tensor([0.0, 1.0]), torch.tensor([0.3, 0.0])) @ pixels.T
    torch.testing.assert_close(grey[:, 0], torch.full((3,), 0.3))
    torch.testing.assert_close(same[:, 0], pixels[0])


def test_only_the_visible_bands_change_colour():
    cubes = normal(3, 7, 4, 4)
    matrices = colour_matrices(torch.full((3,), 0.5), torch.full((3,), 0.2))
    seen = recoloured(cubes.clone(), visible_bands(FUSION), matrices)
    changed = (seen != cubes).flatten(2).any(2).all(0)
    assert changed.tolist() == [False, True, True, True, False, False, False]
