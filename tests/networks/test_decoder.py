import torch
from torch.nn import functional

from speckle2vec.networks.decoder import Decoder, UpBlock


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_counts_are_those_the_paper_prints():
    decoder = Decoder(512, 7)
    assert count(decoder) == 2_266_631
    assert [count(block) for block in decoder.blocks] == [1_705_728, 426_880, 106_944, 26_848]
    assert count(decoder.classify) == 231


def test_sixteen_times_the_side():
    decoder = Decoder(32, 5)
    assert decoder(torch.randn(2, 32, 4, 3)).shape == (2, 5, 64, 48)
    assert decoder.blocks[0](torch.randn(2, 32, 4, 3)).shape == (2, 256, 8, 6)


def test_a_block_equals_its_definition():
    block = UpBlock(6, 4).eval()
    maps = torch.randn(2, 6, 3, 5)
    wide = functional.conv_transpose2d(maps, block.widen.weight, block.widen.bias, stride=2)
    for place in (0, 3):
        convolution, norm = block.refine[place], block.refine[place + 1]
        wide = functional.conv2d(wide, convolution.weight, convolution.bias, padding=1)
        wide = (wide / (1 + norm.eps) ** 0.5).clamp(min=0)
    torch.testing.assert_close(block(maps), wide, rtol=1e-5, atol=1e-6)


def test_a_gradient_reaches_every_parameter():
    decoder = Decoder(16, 3)
    values = decoder(torch.randn(2, 16, 2, 2))
    (values * torch.randn(values.shape)).sum().backward()
    # Batch normalisation takes the bias of the convolution before it away again.
    dead = {f"blocks.{block}.refine.{place}.bias" for block in range(4) for place in (0, 3)}
    small = {name for name, value in decoder.named_parameters() if value.grad.norm() < 1e-3}
    assert small <= dead
