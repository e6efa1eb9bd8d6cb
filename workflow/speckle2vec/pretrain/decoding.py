"""The decoder of a trained method: kept beside the encoder, and built again."""

from pathlib import Path

from speckle2vec.choices import DECODING
from speckle2vec.errors import UserError
from speckle2vec.networks.trained import load_network, load_weights, weights_of
from speckle2vec.pretrain.building import Keep, build_method
from speckle2vec.pretrain.reconstruction import DecodingMethod
from speckle2vec.products.decoders import DecoderFile, read_decoder, write_decoder
from speckle2vec.products.encoders import EncoderFile, digest_of, read_encoder
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.method import Method

ENCODER = "encoder."


def keeping_decoder(method: str, encoder: Path, output: Path) -> Keep:
    """What writes, after training, all of a method that decodes images beside its encoder.

    Args:
        method: Name of the pretraining method.
        encoder: The file of the encoder.
        output: The decoder to write, `results/models/{model}/decoder.safetensors`.

    Raises:
        UserError: The method decodes no images.
    """
    check_decodes(method)

    def keep(trained: Method, file: EncoderFile) -> None:
        assert isinstance(trained, DecodingMethod)
        write_decoder(_file_of(trained, file, digest_of(encoder)), output)

    return keep


def check_decodes(method: str) -> None:
    """Refuse methods that decode no images.

    Raises:
        UserError: It is one of them; says which do.
    """
    if method not in DECODING:
        raise UserError(
            f"The method `{method}` decodes no images, so there is nothing to reconstruct them "
            f"by; the methods {' and '.join(f'`{name}`' for name in DECODING)} do."
        )


def load_decoding(encoder: Path, decoder: Path) -> tuple[EncoderFile, DecodingMethod]:
    """An encoder and its decoder, ready to encode and decode.

    Args:
        encoder: The encoder's file.
        decoder: The decoder's file.

    Raises:
        UserError: A file is missing or damaged, or they do not belong together.
    """
    trained = read_encoder(encoder)
    check_decodes(trained.method)
    file = read_decoder(decoder, encoder)
    network, own = load_network(trained, encoder), trained.training["method"]
    settings = Pretrain.model_validate({trained.method: own})
    features = trained.statistics.features
    method = build_method(trained.method, network, settings, trained.seed, features, file.side)
    assert isinstance(method, DecodingMethod)
    whole = {f"{ENCODER}{name}": values for name, values in trained.weights.items()}
    load_weights(method, {**file.weights, **whole}, f"the method {trained.method}", decoder)
    method.eval()
    return trained, method


def _file_of(method: DecodingMethod, trained: EncoderFile, digest: str) -> DecoderFile:
    weights = weights_of(method)
    return DecoderFile(
        encoder=digest,
        architecture=trained.architecture,
        method=trained.method,
        side=method.side,
        code=trained.code,
        versions=trained.versions,
        weights={name: one for name, one in weights.items() if not name.startswith(ENCODER)},
    )
