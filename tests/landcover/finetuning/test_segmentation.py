"""The loss of fine-tuning against plain loops, and what moves with what."""

import numpy as np
import pytest
import torch
from tests.landcover.finetuning.small_network import Small
from torch.nn import functional

from speckle2vec.landcover.finetuning.fits import Fit
from speckle2vec.landcover.finetuning.segmentation import (
    Segmentation,
    balanced,
    summed_loss,
)
from speckle2vec.networks.crops import crop
from speckle2vec.networks.segmenter import Segmenter, build_segmenter
from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch
from speckle2vec.training.samples import HeldSource


class Labels:
    """Labels held by name."""

    def __init__(self, labels):
        self.labels = labels

    def take(self, names):
        return [self.labels[name] for name in names]


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def batch_of(patches, corners=None, size=None, seed=1):
    count = len(patches)
    names = tuple(map(str, range(count)))
    source = HeldSource(names, (count,), torch.zeros(count, 4), patches)
    corners = torch.zeros(count, 2, dtype=torch.long) if corners is None else corners
    draws = Draws(torch.Generator().manual_seed(seed), count, slice(0, count))
    size = size or patches.shape[2]
    return Batch(source, torch.arange(count), patches, corners, size, source.seasons, 0, draws)


def method_of(labels, fit=Fit.WHOLE, frozen=False, turn=False, weights=None, classes=3):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        segmenter = build_segmenter(Small(2), classes, 1)
    named = {str(index): one for index, one in enumerate(labels)}
    return Segmentation(segmenter, Labels(named), fit, frozen, turn, weights)


def by_loops(logits, labels, weights=None):
    """Mean cross-entropy of one sample's labelled pixels, in float64: summed loss and weight."""
    total = count = 0.0
    for y, x in np.ndindex(labels.shape):
        if labels[y, x]:
            values = logits[:, y, x].astype(np.float64)
            share = np.exp(values - values.max())
            weight = 1.0 if weights is None else weights[labels[y, x] - 1]
            total -= weight * np.log(share[labels[y, x] - 1] / share.sum())
            count += weight
    return total, count


@pytest.mark.parametrize("weights", [None, [0.5, 2.0, 3.0]])
def test_the_loss_is_that_of_plain_loops_and_nodata_is_ignored(weights):
    logits = random(2, 3, 6, 5)
    labels = np.random.default_rng(0).integers(0, 4, (2, 6, 5)).astype(np.uint8)
    chosen = None if weights is None else torch.tensor(weights)
    total, weight = summed_loss(logits, torch.from_numpy(labels), chosen)
    sums = [by_loops(one.numpy(), two, weights) for one, two in zip(logits, labels, strict=True)]
    assert float(total) == pytest.approx(sum(one[0] for one in sums), rel=1e-5)
    assert float(weight) == pytest.approx(sum(one[1] for one in sums), rel=1e-6)


def test_samples_of_several_shapes_count_pixel_by_pixel():
    rng = np.random.default_rng(1)
    labels = [
        rng.integers(0, 4, shape).astype(np.uint8) for shape in ((40, 50), (33, 64), (40, 50))
    ]
    method, patches = method_of(labels).eval(), random(3, 2, 32, 32)
    sums = []
    with torch.no_grad():
        logits = method.segmenter(patches)
        for one, truth in zip(logits, labels, strict=True):
            large = functional.interpolate(one[None], truth.shape, mode="bilinear")[0]
            sums.append(by_loops(large.numpy(), truth))
        total, weight = (sum(part) for part in zip(*sums, strict=True))
        assert float(method(batch_of(patches))) == pytest.approx(total / weight, rel=1e-5)
        judged = method.judge(batch_of(patches))
    assert judged == pytest.approx((total / weight, weight), rel=1e-5)


def test_a_batch_without_a_label_costs_nothing_and_has_a_gradient():
    method = method_of([np.zeros((32, 32), np.uint8)] * 2)
    loss = method(batch_of(random(2, 2, 32, 32)))
    loss.backward()
    assert float(loss.detach()) == 0
    gradients = [one.grad for one in method.segmenter.decoder.parameters()]
    assert all(one is not None and not one.any() for one in gradients)
    with torch.no_grad():
        assert method.judge(batch_of(random(2, 2, 32, 32))) == (0.0, 0.0)


@pytest.mark.parametrize("native", [(32, 32), (40, 56)])
def test_image_and_label_turn_together(native):
    """Over a network that knows no direction, turning changes nothing."""
    rng = np.random.default_rng(2)
    labels = [rng.integers(0, 4, native).astype(np.uint8) for _ in range(16)]
    plain, turning = (method_of(labels, turn=turn) for turn in (False, True))
    for method in (plain, turning):
        method.segmenter = Pixelwise()
    patches = random(16, 2, 32, 32)
    losses = [float(method(batch_of(patches)).detach()) for method in (plain, turning)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    seen = turning.segmenter.seen
    assert not torch.equal(seen, patches)
    assert torch.equal(plain.segmenter.seen, patches)


class Pixelwise(torch.nn.Module):
    """Logits of each pixel by itself; remembers what it saw."""

    def forward(self, cubes, seasons=None):
        self.seen = cubes
        return torch.cat([cubes, cubes[:, :1] * cubes[:, 1:]], dim=1)


def test_nothing_turns_in_evaluation():
    labels = [np.ones((32, 32), np.uint8)] * 4
    method = method_of(labels, turn=True).eval()
    method.segmenter = Pixelwise()
    patches = random(4, 2, 32, 32)
    method(batch_of(patches))
    assert torch.equal(method.segmenter.seen, patches)


def test_native_labels_are_cropped_with_their_patches():
    rng = np.random.default_rng(3)
    labels = [rng.integers(0, 4, (48, 40)).astype(np.uint8) for _ in range(3)]
    method = method_of(labels, Fit.NATIVE).eval()
    patches, corners = random(3, 2, 48, 40), torch.tensor([[0, 0], [16, 8], [5, 3]])
    with torch.no_grad():
        logits = method.segmenter(crop(patches, corners, 32))
        sums = [
            by_loops(one.numpy(), truth[y : y + 32, x : x + 32])
            for one, truth, (y, x) in zip(logits, labels, corners.tolist(), strict=True)
        ]
        total, weight = (sum(part) for part in zip(*sums, strict=True))
        found = float(method(batch_of(patches, corners, 32)))
    assert found == pytest.approx(total / weight, rel=1e-5)


def test_a_frozen_encoder_evaluates_while_the_decoder_trains():
    method = method_of([np.ones((32, 32), np.uint8)] * 8, frozen=True).train()
    assert not any(part.training for part in method.encoder.modules())
    assert all(part.training for part in method.segmenter.decoder.modules())
    method(batch_of(random(8, 2, 32, 32))).backward()
    assert all(one.grad is None for one in method.encoder.parameters())
    assert not any("embed" in name for name, p in method.named_parameters() if p.requires_grad)


def test_balanced_weights_make_every_class_count_alike():
    pixels = np.array([900, 90, 0, 10])
    weights = balanced(pixels).numpy()
    np.testing.assert_allclose(weights[[0, 1, 3]] * pixels[[0, 1, 3]], 1000 / 3, rtol=1e-6)
    assert weights[2] == 0


def test_the_segmenter_is_in_the_method_once():
    names = list(method_of([np.ones((32, 32), np.uint8)]).state_dict())
    assert all(name.startswith("segmenter.") for name in names)
    assert isinstance(method_of([np.ones((32, 32), np.uint8)]).segmenter, Segmenter)
