"""By what a checkpoint of a training on labels is known."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speckle2vec.landcover.finetuning.engine import Engine


def training_identity(about: Mapping[str, Any], engine: Engine, *files: Path) -> str:
    """Digest of all that makes a training what it is.

    Args:
        about: Settings, seed, data, code and versions, as JSON can hold them.
        engine: What the training engine is told.
        files: What is trained from, such as the pretrained encoder; their bytes count.
    """
    told = json.dumps([about, engine.crop, [_digest(path) for path in files]], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
