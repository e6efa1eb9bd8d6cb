"""Weights by name on disk, and what they are: a safetensors file.

Its metadata has one entry, `speckle2vec`, a JSON text with sorted keys: safetensors writes several
entries in no fixed order, and equal weights shall be equal bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from safetensors.numpy import save_file

from speckle2vec.products.whole import whole_file

ENTRY = "speckle2vec"
DIGEST = "sha256"
"""Of weights and what they are, so that a flipped bit is damage."""
Weights = npt.NDArray[Any]


def write_weights(weights: Mapping[str, Weights], about: Mapping[str, Any], path: Path) -> None:
    """Write weights by name, and what they are; the same weights give the same bytes."""
    plain = {name: np.asarray(value, order="C") for name, value in weights.items()}
    told = json.dumps({**about, DIGEST: _digest(plain, about)}, sort_keys=True)
    with whole_file(path) as target:
        save_file(plain, target, {ENTRY: told})


def read_weights(path: Path) -> tuple[dict[str, Any], dict[str, Weights]]:
    """What `write_weights` wrote: what the weights are, and they by name.

    Raises:
        ValueError: It is not what was written.
    """
    with safe_open(path, framework="numpy") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = dict(json.loads(file.metadata()[ENTRY]))
    written = about.pop(DIGEST, None)
    if written not in (None, _digest(weights, about)):
        raise ValueError("it has changed since it was written")
    return about, weights


def _digest(weights: Mapping[str, Weights], about: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(weights):
        digest.update(f"{name} {weights[name].dtype} {weights[name].shape} ".encode())
        digest.update(weights[name].tobytes())
    return digest.hexdigest()
