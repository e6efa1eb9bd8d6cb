import numpy as np
import pytest
import torch

from speckle2vec.errors import UserError
from speckle2vec.networks.crops import centres, crop, side_of


@pytest.fixture
def patches():
    return torch.randn(4, 2, 11, 9, generator=torch.Generator().manual_seed(0))


def test_each_sample_is_cut_at_its_own_corner(patches):
    corners = torch.tensor([[0, 0], [3, 1], [5, 3], [6, 4]])
    cut = crop(patches, corners, 5)
    for patch, (row, column), square in zip(patches, corners.tolist(), cut, strict=True):
        assert torch.equal(square, patch[:, row : row + 5, column : column + 5])


def test_beyond_the_patch_is_its_reflection(patches):
    corners = torch.tensor([[-3, 2], [8, 6], [0, -4], [-2, 7]])
    cut = crop(patches, corners, 5)
    for patch, (row, column), square in zip(patches.numpy(), corners.tolist(), cut, strict=True):
        whole = np.pad(patch, ((0, 0), (8, 8), (8, 8)), mode="reflect")
        expected = whole[:, row + 8 : row + 13, column + 8 : column + 13]
        np.testing.assert_array_equal(square.numpy(), expected)


def test_a_whole_patch_is_not_copied():
    patches = torch.zeros(3, 2, 8, 8)
    assert crop(patches, torch.zeros(3, 2, dtype=torch.long), 8) is patches


def test_the_centre_leaves_as_much_on_both_sides(patches):
    assert centres(patches, 5).tolist() == [[3, 2]] * 4
    assert centres(patches, 16).tolist() == [[0, 0]] * 4


@pytest.mark.parametrize(
    ("shape", "most", "side"),
    [((64, 64), 128, 64), ((264, 200), 128, 128), ((120, 130), 128, 96), ((32, 70), 64, 32)],
)
def test_the_side_is_the_settings_or_the_patchs_as_encoders_take_it(shape, most, side):
    assert side_of(*shape, most) == side


def test_patches_that_are_too_small_are_a_sentence():
    with pytest.raises(UserError, match="31 x 40 pixels and encoders take 32 at least"):
        side_of(31, 40, 128)
