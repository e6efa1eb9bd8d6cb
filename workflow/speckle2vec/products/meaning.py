"""Whether cubes mean what an encoder was trained on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speckle2vec.errors import UserError
from speckle2vec.products.encoders import EncoderFile


def check_compatible(encoder: EncoderFile, attributes: Mapping[str, Any], path: Path) -> None:
    """Refuse cubes that mean something else than those the encoder was trained on.

    Args:
        encoder: The encoder.
        attributes: The cubes' attributes.
        path: The cubes' file, for the sentence.

    Raises:
        UserError: Names, order, units, calibration or recipe of the features differ.
    """
    expected = {
        "features": list(encoder.statistics.features),
        "units": encoder.statistics.units,
        "calibration": encoder.statistics.calibration,
        "recipe": encoder.recipe,
    }
    found = [sentence for name in expected if (sentence := differ(name, expected, attributes))]
    if found:
        raise UserError(
            f"{path}: does not fit the encoder: {'; '.join(found)}. Make the cubes with the "
            "settings the encoder was trained with, or train an encoder on cubes like these."
        )


def differ(name: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What differs in one attribute of cubes, for a sentence; empty where nothing does."""
    wanted, given = expected.get(name), found.get(name)
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        keys = [key for key in {**wanted, **given} if wanted.get(key) != given.get(key)]
        return "; ".join(_told(f"{name} of {key}", wanted.get(key), given.get(key)) for key in keys)
    return "" if wanted == given else _told(name, wanted, given)


def _told(name: str, wanted: object, given: object) -> str:
    return f"{name} is {json.dumps(given)}, not {json.dumps(wanted)}"
