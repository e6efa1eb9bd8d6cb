"""The encoder of principal components, once it is fitted."""

import pytest
import torch

from speckle2vec.networks.registry import build_encoder


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def fitted(*blocks, channels=2):
    encoder = build_encoder("pca", channels, {}, 0)
    encoder.fit(blocks)
    return encoder


def test_distances_are_those_of_the_averaged_cubes_but_for_what_was_left_out():
    cubes = normal(60, 2, 32, 32) + 3 * normal(60, 2, 1, 1, seed=1)
    averaged = cubes.double().unflatten(2, (4, 8)).unflatten(4, (4, 8)).mean(dim=(3, 5)).flatten(1)
    found = fitted(cubes)(cubes).double()
    kept, whole = (rows - rows.mean(dim=0) for rows in (found, averaged))
    assert 0.95 <= kept.square().sum() / whole.square().sum() <= 1 + 1e-5
    assert (torch.pdist(found) <= torch.pdist(averaged) + 1e-4).all()


@pytest.mark.parametrize("factor", [2, 3])
def test_cubes_of_more_and_finer_pixels_embed_alike(factor):
    cubes = normal(20, 2, 32, 32)
    fine = cubes.repeat_interleave(factor, 2).repeat_interleave(factor, 3)
    encoder = fitted(cubes)
    torch.testing.assert_close(encoder(fine), encoder(cubes), atol=1e-4, rtol=1e-4)


def test_cubes_that_are_all_alike_embed_as_zeros_and_others_do_too():
    encoder = fitted(torch.ones(9, 2, 32, 32))
    assert not encoder(normal(3, 2, 32, 32)).any()


def test_what_was_fitted_is_among_the_weights():
    cubes = normal(20, 2, 32, 32)
    encoder, read = fitted(cubes), build_encoder("pca", 2, {}, 9)
    read.load_state_dict(encoder.state_dict())
    assert encoder(cubes).any()
    assert torch.equal(read(cubes), encoder(cubes))
    assert not list(encoder.parameters())


def test_one_sample_a_block_is_as_good_as_all_in_one():
    cubes = normal(40, 2, 32, 32)
    found = fitted(*cubes.split(1))(cubes)
    torch.testing.assert_close(found, fitted(cubes)(cubes), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_block_without_samples_counts_for_nothing(place):
    cubes = normal(20, 2, 32, 32)
    blocks = list(cubes.split(10))
    blocks.insert(place, cubes[:0])
    torch.testing.assert_close(fitted(*blocks)(cubes), fitted(*cubes.split(10))(cubes))


def test_more_numbers_than_an_embedding_holds_are_cut_to_its_width():
    """As many directions, each as strong, as there are numbers."""
    cubes = torch.eye(70 * 16).unflatten(1, (70, 4, 4))
    found = fitted(cubes, channels=70)(cubes)
    assert found.shape == (1120, 1024)
    assert found[:, -1].any()
