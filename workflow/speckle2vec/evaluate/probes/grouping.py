"""Groups of places, such as countries, by the settings' pattern."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speckle2vec.errors import UserError
from speckle2vec.evaluate.gathering import Asked
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.probes import Target
from speckle2vec.readers.listing import pretraining_shards
from speckle2vec.settings.root import Settings

Array = npt.NDArray[Any]


class Groups(NamedTuple):
    """What is asked where."""

    asked: Asked
    """Labelled samples; their blocks are the groups."""
    seen: frozenset[str | None]
    """Groups that pretraining might see samples of, labelled or not."""
    kind: str


def grouped(
    target: Target, table: pa.Table, keys: Sequence[ShardKey], settings: Settings
) -> Groups:
    """The labelled samples of the catalogue, in groups.

    Args:
        target: What is asked.
        table: The accepted samples: `sample_id`, `place`, `corpus`, `shard`, `split`.
        keys: All shards.
        settings: `probes.groups` and `pretrain.shards` count.

    Raises:
        UserError: The pattern fits no place, or there are fewer than 3 groups.
    """
    names, places = (np.array(table[name].to_pylist(), str) for name in ("sample_id", "place"))
    order, sorted_by_id = np.argsort(names), np.argsort(target.ids)
    ids, labels = target.ids[sorted_by_id], target.values[sorted_by_id]
    here = np.isin(ids, names)
    rows = order[np.searchsorted(names[order], ids[here])]
    if len(rows) == 0:
        raise UserError(f"{target.name}: none of its {len(ids)} samples is in the catalogue.")
    pattern = settings.probes.groups
    asked = Asked(ids[here], labels[here], _named(places[rows], pattern))
    check_groups("`probes.groups` makes", np.unique(asked.blocks))
    shown = places[_training(table, pretraining_shards(settings, keys))]
    seen = {_group(place, pattern) for place in shown} - {None}
    return Groups(asked, frozenset(seen), target.kind)


def check_groups(what: str, found: Array) -> None:
    """See that there are enough groups.

    Args:
        what: Begins the sentence.
        found: Names of the groups.

    Raises:
        UserError: There are fewer than 3.
    """
    if len(found) < 3:
        raise UserError(
            f"{what} {len(found)} groups of the labelled places ({', '.join(found)}); leaving one "
            "out and choosing over the others takes 3 or more."
        )


def _training(table: pa.Table, keys: Sequence[ShardKey]) -> npt.NDArray[np.bool_]:
    """Which rows of the catalogue pretraining might see."""
    columns = (table[name].to_pylist() for name in ("corpus", "shard", "split"))
    seen = {(*key, "train") for key in keys}
    return np.array([row in seen for row in zip(*columns, strict=True)], bool)


def _named(places: Array, pattern: str) -> Array:
    groups = [_group(place, pattern) for place in places]
    for place, group in zip(places, groups, strict=True):
        if group is None:
            raise UserError(
                f"`probes.groups` is {pattern!r}, which the place {str(place)!r} does not match."
            )
    return np.array(groups, str)


def _group(place: str, pattern: str) -> str | None:
    """The group of a place; none where the pattern does not match."""
    match = re.search(pattern, place)
    return match and (match[1] if match.re.groups else match[0])
