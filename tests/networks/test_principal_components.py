import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from speckle2vec.networks.eigenvectors import Moments, principal_axes
from speckle2vec.networks.registry import build_encoder


def rows_of(count, width, rank=None):
    random = np.random.default_rng(count + width)
    scales = np.linspace(3, 0.5, rank or width)
    rows = random.normal(size=(count, rank or width)) * scales
    return torch.from_numpy(rows @ random.normal(size=(rank or width, width)) + 5)


def reference(rows, count):
    """Axes of scikit-learn, the largest number of each positive."""
    fitted = PCA(count, svd_solver="full").fit(rows.numpy())
    axes = fitted.components_
    signs = np.sign(axes[np.arange(count), np.abs(axes).argmax(axis=1)])
    return fitted.mean_, axes * signs[:, None]


@pytest.mark.parametrize(("count", "block"), [(12, 5), (12, 12), (41, 41), (100, 7), (100, 64)])
def test_equals_scikit_learn_however_the_rows_come(count, block):
    rows = rows_of(count, 40)
    mean, axes = principal_axes(rows.split(block), 1, 8)
    expected = reference(rows, 8)
    np.testing.assert_allclose(mean, expected[0], rtol=1e-9)
    np.testing.assert_allclose(axes, expected[1], atol=1e-6)


@pytest.mark.parametrize("share", [0.3, 0.8, 0.95, 0.99])
def test_the_fewest_axes_that_carry_the_share(share):
    rows = rows_of(100, 40)
    carried = PCA(40).fit(rows.numpy()).explained_variance_ratio_.cumsum()
    _, axes = principal_axes([rows], share, 40)
    assert carried[len(axes) - 1] >= share
    assert carried[len(axes) - 2] < share
    np.testing.assert_allclose(axes @ axes.T, np.eye(len(axes)), atol=1e-9)


@pytest.mark.parametrize(("count", "width", "rank"), [(6, 40, 5), (100, 40, 3), (30, 40, 3)])
def test_there_are_no_axes_beyond_the_rank(count, width, rank):
    _, axes = principal_axes([rows_of(count, width, rank)], 1 - 1e-9, 20)
    assert axes.shape == (rank, width)


def test_rows_that_are_all_alike_have_no_axes():
    mean, axes = principal_axes([torch.full((9, 4), 2.5, dtype=torch.float64)] * 3, 0.95, 3)
    assert axes.shape == (0, 4)
    assert mean.tolist() == [2.5] * 4


@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
@settings(deadline=None, max_examples=25)
def test_moments_do_not_depend_on_the_pieces(counts):
    rows = rows_of(sum(counts), 5)
    moments = Moments()
    for piece in rows.split(counts):
        moments.add(piece)
    centred = rows - rows.mean(dim=0)
    torch.testing.assert_close(moments.mean, rows.mean(dim=0), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(moments.scatter, centred.T @ centred, rtol=1e-9, atol=1e-9)


def fitted(blocks):
    encoder = build_encoder("pca", 2, {}, 0)
    encoder.fit(iter(blocks))
    return encoder


def test_embeds_averaged_cubes_along_their_axes():
    cubes = torch.randn(50, 2, 32, 64, generator=torch.Generator().manual_seed(0))
    cubes += torch.randn(50, 2, 1, 1, generator=torch.Generator().manual_seed(1))
    small = cubes.double().unflatten(2, (4, 8)).unflatten(4, (4, 16)).mean(dim=(3, 5)).flatten(1)
    needed = int((PCA(32).fit(small).explained_variance_ratio_.cumsum() < 0.95).sum()) + 1
    assert 2 <= needed < 32
    mean, axes = reference(small, needed)
    found = fitted(cubes.split(6))(cubes).numpy()
    np.testing.assert_allclose(found[:, :needed], (small.numpy() - mean) @ axes.T, atol=1e-4)
    assert not found[:, needed:].any()


def test_is_zero_before_it_is_fitted_and_forgets_what_it_was():
    cubes = torch.randn(12, 2, 32, 32)
    assert not build_encoder("pca", 2, {}, 0)(cubes).any()
    encoder = fitted([cubes])
    encoder.fit(iter([cubes[:4]]))
    again = fitted([cubes[:4]])
    assert all(
        torch.equal(encoder.state_dict()[key], again.state_dict()[key]) for key in ("mean", "axes")
    )
