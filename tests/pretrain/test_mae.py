import numpy as np
import pytest
import torch
from drawn_batches import batch, draws, normal
from hypothesis import given, settings
from hypothesis import strategies as st
from small_encoder import Small
from torch import nn

from speckle2vec.errors import UserError
from speckle2vec.pretrain.building import build_method
from speckle2vec.pretrain.mae import hidden_error, hide, seen
from speckle2vec.settings.methods import Mae
from speckle2vec.settings.training import Pretrain


def mae(side=32, **changes):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        encoder = Small()
    return build_method("mae", encoder, Pretrain(mae=Mae(**changes)), 1, "abc", side)


@settings(deadline=None)
@given(
    side=st.sampled_from([32, 64, 96, 128]),
    patch=st.sampled_from([1, 4, 8, 16]),
    hidden=st.floats(0.001, 0.999),
    seed=st.integers(0, 2**31),
)
def test_each_sample_hides_exactly_its_share_in_whole_squares(side, patch, hidden, seed):
    masks = hide(side, Mae(patch=patch, hidden=hidden), draws(3, seed))
    squares = side // patch
    assert masks.shape == (3, 1, side, side)
    tiles = masks.numpy().reshape(3, squares, patch, squares, patch)
    assert (tiles == tiles[:, :, :1, :, :1]).all()
    expected = min(max(round(hidden * squares**2), 1), squares**2 - 1)
    assert tiles[:, :, 0, :, 0].sum(axis=(1, 2)).tolist() == [expected] * 3


def test_every_square_is_as_likely_to_be_hidden():
    masks = hide(32, Mae(patch=8, hidden=0.6), draws(4000))
    rates = masks[:, 0, ::8, ::8].double().mean(dim=0).numpy()
    share = 10 / 16
    np.testing.assert_allclose(rates, share, atol=4.5 * np.sqrt(share * (1 - share) / 4000))


def test_each_sample_has_its_own_draw_which_depends_on_the_step_alone():
    first, again, other = (hide(64, Mae(), draws(8, seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert len({mask.numpy().tobytes() for mask in first}) == 8


def test_a_sample_hides_the_same_squares_on_whichever_rank_it_is():
    whole = hide(64, Mae(), draws(6))
    assert torch.equal(whole[2:5], hide(64, Mae(), draws(6, own=slice(2, 5))))


def test_the_encoder_sees_zeros_where_hidden_and_the_image_raised_elsewhere():
    method, cubes = mae(patch=4, hidden=0.75), 5 + normal(4, 3, 32, 32)
    before = cubes.clone()
    _, hidden = method.reconstruct(batch(cubes))
    shown, everywhere = method.encoder.shown[0], hidden.expand_as(cubes)
    assert (shown[everywhere] == 0).all()
    assert torch.equal(shown[~everywhere], 2 * cubes[~everywhere])
    assert torch.equal(cubes, before)


@pytest.mark.parametrize("hidden", [0.25, 0.6, 0.9])
def test_a_first_layer_gives_values_as_far_spread_as_of_whole_images(hidden):
    levels = normal(64, 3, 8, 8).repeat_interleave(4, 2).repeat_interleave(4, 3)
    cubes = levels + 0.5 * normal(64, 3, 32, 32, seed=2)
    layer = nn.Conv2d(3, 8, 3, padding=1, bias=False)
    nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(3))
    masks = hide(32, Mae(patch=8, hidden=hidden), draws(64))
    with torch.no_grad():
        ratio = layer(seen(cubes, masks)).std() / layer(cubes).std()
        unscaled = layer(cubes * ~masks).std() / layer(cubes).std()
    assert ratio.item() == pytest.approx(1, abs=0.05)
    assert unscaled.item() == pytest.approx((~masks[0]).float().mean().sqrt().item(), abs=0.05)


def test_the_loss_equals_a_plain_loop_over_hidden_pixels():
    method, cubes = mae(patch=8, hidden=0.4).eval(), normal(3, 3, 32, 32)
    with torch.no_grad():
        loss = method(batch(cubes)).item()
        image, hidden = method.reconstruct(batch(cubes))
    image, values = image.double().numpy(), cubes.double().numpy()
    errors = [
        (image[place] - values[place]) ** 2
        for place in np.ndindex(values.shape)
        if hidden[place[0], 0, place[2], place[3]]
    ]
    assert len(errors) == 3 * 3 * 6 * 64
    assert loss == pytest.approx(np.mean(errors), rel=1e-5)


def test_what_the_decoder_makes_of_pixels_it_sees_does_not_count():
    cubes, hidden = normal(2, 3, 32, 32), hide(32, Mae(), draws(2))
    image = normal(2, 3, 32, 32, seed=2).requires_grad_()
    hidden_error(image, cubes, hidden).backward()
    assert (image.grad[~hidden.expand_as(image)] == 0).all()
    assert (image.grad[hidden.expand_as(image)] != 0).all()


def test_the_loss_of_a_batch_is_the_mean_of_those_of_its_ranks():
    cubes, image = normal(4, 3, 32, 32), normal(4, 3, 32, 32, seed=2)
    hidden = hide(32, Mae(), draws(4))
    halves = [
        hidden_error(image[part], cubes[part], hidden[part]).item()
        for part in (slice(0, 2), slice(2, 4))
    ]
    assert hidden_error(image, cubes, hidden).item() == pytest.approx(np.mean(halves), rel=1e-6)


@pytest.mark.parametrize(("patch", "side"), [(7, 64), (48, 64), (64, 64), (128, 64)])
def test_squares_that_do_not_tile_the_images_are_refused(patch, side):
    with pytest.raises(UserError, match=f"`pretrain.mae.patch` is {patch}") as error:
        mae(side, patch=patch)
    assert "images of 64 pixels" in str(error.value)
    assert str(error.value).endswith("set it to one of 1, 2, 4, 8, 16, 32.")


def test_it_learns_to_tell_what_is_hidden_from_what_is_seen():
    levels = torch.tensor([-1.5, -0.5, 0.5, 1.5]).repeat(2).view(8, 1, 1, 1)
    method, cubes = mae(), levels.expand(8, 3, 32, 32).contiguous()
    optimizer = torch.optim.Adam(method.parameters(), lr=3e-3)
    for step in range(30):
        optimizer.zero_grad()
        loss = method(batch(cubes, seed=step))
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.5 * cubes.square().mean().item()
