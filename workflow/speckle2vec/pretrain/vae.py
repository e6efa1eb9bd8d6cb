"""Variational autoencoder: the image shall be told from a noisy code of few numbers."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from speckle2vec.networks.base import Encoder
from speckle2vec.networks.decoder import Decoder
from speckle2vec.pretrain.reconstruction import WIDENING, DecodingMethod
from speckle2vec.settings.methods import Vae
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.draws import Draws
from speckle2vec.training.method import Batch

WIDTH = 512
"""Channels the decoder starts from."""
MOST_LOG_VARIANCE = 8.0


def build(
    encoder: Encoder,
    settings: Pretrain,
    features: Sequence[str],  # noqa: ARG001
    side: int,
) -> "VaeMethod":
    """The method with the settings of the group `vae`."""
    return VaeMethod(encoder, settings.vae, side)


class VaeMethod(DecodingMethod):
    """VAE (Kingma and Welling 2014, arXiv:1312.6114; paper, section 3.2).

    Two linear layers give mean and log variance of a latent map z (sample, 64, y / 16,
    x / 16), 64 x 8 x 8 for 128 pixels; a 1x1 convolution makes it 512 channels, and the
    paper's decoder the image. On a map the two are 1x1 convolutions, as in the paper: with
    ResNet18 and 14 channels 13,576,814 parameters. On the embedding of `cnn-transformer`
    they are linear layers, and z has the same shape.

    Embeddings are of the encoder, and never sampled. Images are decoded from the embedding, or
    where a map is encoded from the mean of z, which holds fewer numbers.
    """

    def __init__(self, encoder: Encoder, settings: Vae, side: int) -> None:
        super().__init__(encoder, settings, side)
        self.settings = settings
        self.mean = self.map_of(settings.latent)
        self.log_variance = self.map_of(settings.latent)
        self.widen = nn.Conv2d(settings.latent, WIDTH, kernel_size=1)
        self.decoder = Decoder(WIDTH, encoder.channels)

    def forward(self, batch: Batch) -> Tensor:
        """Mean squared error and the weighted divergence, both a number of the image.

        `MSE + beta * KL / n` with n numbers an image (features x pixels) is the negative
        evidence lower bound over n, up to a constant, where a pixel's variance is
        beta / 2. With beta 0 it is the paper's code, which dropped the divergence.
        """
        image, mean, log_variance = self.reconstruct(batch)
        error = functional.mse_loss(image.float(), batch.cubes)
        weight = self.settings.beta * warmth(batch.epoch, self.settings.warm_up_epochs)
        if weight == 0:
            return error
        divergence = kept_divergence(mean, log_variance, self.settings.free_bits)
        return error + weight * divergence / batch.cubes[0].numel()

    def reconstruct(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """The images as decoded, and mean and log variance of z.

        z is drawn while training; in evaluation it is its mean.
        """
        code = self.encoded(batch.cubes, batch.seasons)
        mean, log_variance = self.mean(code).float(), bounded(self.log_variance(code).float())
        latent = drawn(mean, log_variance, batch.draws) if self.training else mean
        return self.decoder(self.widen(latent)), mean, log_variance

    def code(self, cubes: Tensor, seasons: Tensor) -> Tensor:
        """The embedding, or the mean of z where a map is encoded."""
        code = self.encoded(cubes, seasons)
        return self.mean(code).flatten(1) if self.from_map else code

    def images(self, code: Tensor) -> Tensor:
        """Images as decoded from the mean of z."""
        side = self.side // WIDENING
        shape = (-1, self.settings.latent, side, side)
        latent = code.view(shape) if self.from_map else self.mean(code)
        return self.decoder(self.widen(latent))  # type: ignore[no-any-return]

    @property
    def starts_from(self) -> str:
        """`latent` where a map is encoded, else `embedding`."""
        return "latent" if self.from_map else "embedding"


def bounded(values: Tensor) -> Tensor:
    """Log variances within -8 and 8, standard deviations 0.02 to 55, smoothly.

    Near 0 almost the values themselves; far out the exponential stays finite, and unlike a
    clamp there is a gradient back.
    """
    return MOST_LOG_VARIANCE * torch.tanh(values / MOST_LOG_VARIANCE)


def drawn(mean: Tensor, log_variance: Tensor, draws: Draws) -> Tensor:
    """One draw of z a sample, through which gradients reach mean and variance.

    The reparametrisation of Kingma and Welling 2014, section 2.4.
    """
    return torch.addcmul(mean, draws.normal(*mean.shape[1:]), torch.exp(log_variance / 2))


def divergence_of(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of N(mean, variance) from N(0, 1), nats a number.

    Kingma and Welling 2014, appendix B; shaped like the arguments.
    """
    return (mean.square() + log_variance.exp() - 1 - log_variance) / 2


def kept_divergence(mean: Tensor, log_variance: Tensor, free_bits: float) -> Tensor:
    """Mean divergence of an image, of which each latent channel has some at no cost, nats.

    Free bits (Kingma et al. 2016, arXiv:1606.04934) with an image's channels as groups: a
    channel that carries less counts as that much, and nothing draws it further to the
    prior. This is the guard against a posterior that ignores the image. Taken an image and
    not a batch, the loss of a batch is the mean of those of its parts.

    Args:
        mean: (sample, channel, y, x).
        log_variance: The same.
        free_bits: Nats a number of z.
    """
    channels = divergence_of(mean, log_variance).mean(dim=(2, 3)).clamp(min=free_bits)
    return channels.sum(dim=1).mean() * mean[0, 0].numel()


def warmth(epoch: int, warm_up_epochs: int) -> float:
    """Share of the divergence's weight in an epoch: 0 in the first, 1 after the warm-up."""
    return min(epoch / warm_up_epochs, 1.0) if warm_up_epochs else 1.0
