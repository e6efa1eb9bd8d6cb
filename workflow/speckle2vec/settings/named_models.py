"""Models that settings name, as `features/method/encoder`."""

from collections.abc import Sequence

from speckle2vec.choices import encoder_module, feature_module, method_module, seeded
from speckle2vec.errors import UserError


def check_models(models: Sequence[str]) -> None:
    """Refuse what names no model, and a model that is named twice.

    Raises:
        ValueError: Says which, and the nearest name.
    """
    for model in models:
        if model.count("/") != 2:
            raise ValueError(f"models holds {model!r}; write it as features/method/encoder")
        features, method, encoder = model.split("/")
        try:
            feature_module(features)
            method_module(method)
            encoder_module(seeded(encoder, 0)[0])
        except UserError as error:
            raise ValueError(f"models holds {model!r}. {error}".removesuffix(".")) from None
    if len(set(models)) != len(models):
        raise ValueError("models names a model twice")
