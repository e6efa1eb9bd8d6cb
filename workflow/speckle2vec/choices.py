"""What can be chosen by name, and the module behind each name.

This file counts in no fingerprint: a new name changes no product that exists, and the
module that was chosen is counted by itself.
"""

import difflib
from collections.abc import Mapping

from speckle2vec.errors import UserError

READERS = {
    "simulated": "speckle2vec.readers.ssl4eo",
    "stac": "speckle2vec.readers.ssl4eo",
    "ssl4eo": "speckle2vec.readers.ssl4eo",
    "geotiff": "speckle2vec.readers.geotiff",
}
OPTICAL_READERS = {
    "simulated": "speckle2vec.readers.optical_shards",
    "stac": "speckle2vec.readers.optical_shards",
    "ssl4eo": "speckle2vec.readers.optical_shards",
    "geotiff": "speckle2vec.readers.optical_stacks",
}
OPTICAL_FEATURES = ("fusion",)
"""Feature sets that need Sentinel-2."""
FEATURE_SETS = {
    "sar-temporal": "speckle2vec.preprocess.sar_temporal",
    "fusion": "speckle2vec.preprocess.fusion",
}
METHODS = {
    "none": "speckle2vec.pretrain.untrained",
    "simclr": "speckle2vec.pretrain.simclr",
    "vae": "speckle2vec.pretrain.vae",
    "tile2vec": "speckle2vec.pretrain.tile2vec",
    "csf": "speckle2vec.pretrain.csf",
    "mae": "speckle2vec.pretrain.mae",
}
DECODING = ("vae", "mae")
"""Methods that decode images, whose decoder is kept beside the encoder."""
ENCODERS = {
    "cnn-transformer": "speckle2vec.networks.cnn_transformer",
    "resnet18": "speckle2vec.networks.resnet18",
    "resnet34": "speckle2vec.networks.resnet34",
    "resnet18-attention": "speckle2vec.networks.resnet18_attention",
    "pixel-statistics": "speckle2vec.networks.pixel_statistics",
    "random-convolutions": "speckle2vec.networks.random_convolutions",
    "pca": "speckle2vec.networks.principal_components",
}
LABEL_SOURCES = {
    "demo": "speckle2vec.landcover.labels.vector",
    "vector": "speckle2vec.landcover.labels.vector",
    "raster": "speckle2vec.landcover.labels.raster",
    "osm": "speckle2vec.landcover.labels.osm",
}


def reader_module(source: str) -> str:
    """Dotted name of the module that reads a source.

    Raises:
        UserError: There is no such source.
    """
    return _module("source", source, READERS)


def optical_module(source: str) -> str:
    """Dotted name of the module that reads the Sentinel-2 images of a source.

    Raises:
        UserError: There is no such source.
    """
    return _module("source", source, OPTICAL_READERS)


def feature_module(features: str) -> str:
    """Dotted name of the module that makes a feature set.

    Raises:
        UserError: There is no such feature set.
    """
    return _module("feature set", features, FEATURE_SETS)


def method_module(method: str) -> str:
    """Dotted name of the module of a pretraining method.

    Raises:
        UserError: There is no such method.
    """
    return _module("pretraining method", method, METHODS)


def encoder_module(encoder: str) -> str:
    """Dotted name of the module that builds an encoder.

    Raises:
        UserError: There is no such encoder.
    """
    return _module("encoder", encoder, ENCODERS)


def seeded(encoder: str, seed: int) -> tuple[str, int]:
    """Network and seed of an encoder's folder: `resnet18@7` is `resnet18` trained from seed 7.

    Args:
        encoder: Name of the folder, such as `resnet18` or `resnet18@7`.
        seed: The run's own seed, which counts where the name holds none.

    Raises:
        UserError: What follows the `@` is no whole number.
    """
    name, at, text = encoder.partition("@")
    if at and not (text.isascii() and text.isdecimal()):
        raise UserError(
            f"`{encoder}` names no encoder: after the @ stands its seed, a whole number such as "
            f"`{name}@7`."
        )
    return name, int(text) if at else seed


def _module(kind: str, name: str, modules: Mapping[str, str]) -> str:
    if name in modules:
        return modules[name]
    near = difflib.get_close_matches(name, modules, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else "."
    raise UserError(f"There is no {kind} `{name}`{hint} Valid names: {', '.join(modules)}.")
