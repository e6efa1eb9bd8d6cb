"""Images turned and back."""

from collections import Counter

import numpy as np
import torch

from speckle2vec.training.draws import Draws
from speckle2vec.training.turns import drawn_turns, turned, turned_back


def draws_of(count):
    return Draws(torch.Generator().manual_seed(0), count, slice(0, count))


def test_images_are_turned_into_all_eight_orientations_each_as_likely():
    count = 8000
    tiles = torch.arange(9.0).reshape(1, 1, 3, 3).repeat(count, 2, 1, 1)
    found = turned(tiles, drawn_turns(draws_of(count)))
    assert torch.equal(found[:, 0], found[:, 1])
    square = np.arange(9).reshape(3, 3)
    wanted = {
        np.rot90(side, quarters).tobytes() for side in (square, square.T) for quarters in range(4)
    }
    shares = Counter(one.numpy().astype(square.dtype).tobytes() for one in found[:, 0])
    assert shares.keys() == wanted
    assert min(shares.values()) > 0.1 * count


def test_turning_takes_eight_ways_and_back():
    images = torch.arange(25.0).expand(8, 1, 25).reshape(8, 1, 5, 5)
    bits = [[(number >> bit) & 1 for bit in range(3)] for number in range(8)]
    chosen = torch.tensor(bits, dtype=torch.bool)[:, :, None, None, None]
    there = turned(images, chosen)
    assert len({one.numpy().tobytes() for one in there}) == 8
    assert torch.equal(turned_back(there, chosen), images)


def test_what_is_not_square_keeps_its_sides():
    images = torch.arange(12.0).reshape(1, 1, 3, 4).repeat(1000, 1, 1, 1)
    chosen = drawn_turns(draws_of(1000), square=False)
    there = turned(images, chosen)
    assert there.shape == images.shape
    assert len({one.numpy().tobytes() for one in there}) == 4
    assert torch.equal(turned_back(there, chosen), images)
