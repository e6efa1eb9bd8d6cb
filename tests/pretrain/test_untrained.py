"""The encoder as it is initialised, and what it is fitted on."""

import pytest
import torch
from neighbour_tables import PLACES, batch_from, samples_of, source_of
from small_encoder import Small

from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain.building import build_method
from speckle2vec.pretrain.untrained import BLOCK
from speckle2vec.settings.training import Pretrain


class Fitted(Small):
    """Remembers the blocks it is fitted on."""

    def fit(self, blocks):
        self.blocks = list(blocks)


def method_of(encoder, side=32):
    return build_method("none", encoder, Pretrain(), 0, ("a", "b", "c"), side)


@pytest.mark.parametrize("count", [1, BLOCK, 2 * BLOCK + 1])
@pytest.mark.parametrize("side", [32, 37, 40])
def test_it_is_fitted_on_the_centre_of_every_training_sample_once(count, side):
    source, encoder = source_of(range(count), side=side), Fitted()
    method_of(encoder).attach(samples_of(source, held_out=source_of("xy")))
    start = (side - 32) // 2
    expected = source.patches[:, :, start : start + 32, start : start + 32]
    assert torch.equal(torch.cat(encoder.blocks), expected)
    assert max(map(len, encoder.blocks)) <= BLOCK
    assert min(map(len, encoder.blocks)) >= 1


def test_principal_components_come_from_training_samples_alone():
    train, held_out = source_of(range(BLOCK + 20), seed=1), source_of(range(9), seed=2)
    encoder, expected = (build_encoder("pca", 3, {}, 0) for _ in range(2))
    method_of(encoder).attach(samples_of(train, held_out=held_out))
    expected.fit([train.patches])
    torch.testing.assert_close(encoder(held_out.patches), expected(held_out.patches))
    assert encoder(held_out.patches).any()


def test_weights_stay_as_they_were_drawn():
    encoder = build_encoder("cnn-transformer", 3, {}, 5)
    method_of(encoder).attach(samples_of(source_of(PLACES)))
    again = build_encoder("cnn-transformer", 3, {}, 5).state_dict()
    assert all(torch.equal(value, again[name]) for name, value in encoder.state_dict().items())


def test_there_is_nothing_to_learn_from():
    method = method_of(Small())
    assert not method.learns
    with pytest.raises(NotImplementedError, match="has no loss"):
        method(batch_from(source_of(PLACES)))
