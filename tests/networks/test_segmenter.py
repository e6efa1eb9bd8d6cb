import pytest
import torch
from torch import nn

from speckle2vec.errors import UserError
from speckle2vec.networks.base import Encoder
from speckle2vec.networks.decoder import Decoder
from speckle2vec.networks.registry import build_encoder
from speckle2vec.networks.segmenter import build_segmenter, on_grid
from speckle2vec.networks.table import parameters_of

TRAINED = ("cnn-transformer", "resnet18", "resnet34", "resnet18-attention", "random-convolutions")
PRINTED = {"resnet18": 11_211_008, "resnet34": 21_319_168, "resnet18-attention": 11_621_570}


class Strided(Encoder):
    """An encoder of any stride."""

    def __init__(self, stride):
        super().__init__(2)
        self.stride, self.map_channels = stride, 8
        self.layer = nn.Conv2d(2, 8, stride, stride)

    def feature_map(self, cubes, seasons=None):
        return self.layer(cubes)

    def pool(self, maps):
        return maps.mean(dim=(2, 3))


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("sides", [(64, 64), (40, 72), (33, 50)])
def test_every_encoder_with_places_tells_classes_of_every_pixel(name, sides):
    with torch.device("meta"):
        segmenter = build_segmenter(build_encoder(name, 12, {}, 0), 5, 0).eval()
        logits = segmenter(torch.empty(2, 12, *sides), torch.zeros(2, 4))
    assert logits.shape == (2, 5, *sides)


@pytest.mark.parametrize("name", PRINTED)
def test_around_the_resnets_it_is_the_papers(name):
    with torch.device("meta"):
        segmenter = build_segmenter(build_encoder(name, 14, {}, 0), 7, 0)
    assert parameters_of(segmenter.decoder) == 2_266_631
    assert parameters_of(segmenter) == PRINTED[name] + 2_266_631


@pytest.mark.parametrize("stride", [2, 8, 16, 32])
def test_the_decoder_takes_as_many_steps_as_the_stride_asks_for(stride):
    segmenter = build_segmenter(Strided(stride), 3, 0)
    assert len(segmenter.decoder.blocks) == stride.bit_length() - 1
    assert segmenter(torch.zeros(2, 2, 64, 96)).shape == (2, 3, 64, 96)


def test_four_steps_are_the_decoder_as_it_was():
    with torch.device("meta"):
        assert parameters_of(Decoder(512, 7, 4)) == parameters_of(Decoder(512, 7)) == 2_266_631


@pytest.mark.parametrize("encoder", ["pixel-statistics", "pca"])
def test_encoders_without_places_are_refused(encoder):
    with pytest.raises(UserError, match="has no map that pixels could be told from"):
        build_segmenter(build_encoder(encoder, 2, {}, 0), 3, 0)


def test_a_stride_that_no_doubling_reaches_is_refused():
    with pytest.raises(UserError, match="Strided has no map"):
        build_segmenter(Strided(12), 3, 0)


def test_the_decoder_depends_on_the_seed_alone():
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first, again, other = (build_segmenter(Strided(16), 3, seed) for seed in (1, 1, 2))
    weights = [one.decoder.classify.weight for one in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert not torch.equal(torch.get_rng_state(), state)  # the encoders drew; the decoders not
    state = torch.get_rng_state()
    build_segmenter(first.encoder, 3, 1)
    assert torch.equal(torch.get_rng_state(), state)


def test_padding_leaves_whole_cubes_as_they_are():
    segmenter = build_segmenter(Strided(16), 3, 0).eval()
    cubes = torch.randn(1, 2, 40, 64, generator=torch.Generator().manual_seed(0))
    padded = nn.functional.pad(cubes, (0, 0, 0, 24), mode="reflect")
    with torch.no_grad():
        expected = segmenter.decoder(segmenter.encoder.feature_map(padded))[:, :, :40]
        torch.testing.assert_close(segmenter(cubes), expected)


def test_logits_are_brought_to_a_grid_linearly():
    ramp = torch.arange(8.0).expand(1, 1, 8, 8)
    large = on_grid(ramp, 8, 16)[0, 0, 0]
    centres = (torch.arange(16) + 0.5) / 2 - 0.5
    torch.testing.assert_close(large, centres.clamp(0, 7))
    assert on_grid(ramp, 8, 8) is ramp
