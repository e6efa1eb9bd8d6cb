"""Whether a product is the one that its place promises, and no other that was put there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey


def check_belongs(path: Path, told: Mapping[str, Any], promised: Mapping[str, Any]) -> None:
    """Refuse a product that is whole, but another's.

    Args:
        path: The product.
        told: What it says of itself; what it does not say is taken on trust.
        promised: What stands there by its name and the settings.

    Raises:
        UserError: It says something else.
    """
    for name, wanted in promised.items():
        found = told.get(name, wanted)
        if found != wanted:
            raise UserError(
                f"{path}: is another's file ({name} {_short(found)}, not {_short(wanted)}); remove "
                "it and run the same command again."
            )


def of_shard(key: ShardKey | None) -> dict[str, str]:
    """What a part says of its shard; nothing is promised where none is known."""
    return {} if key is None else key._asdict()


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
