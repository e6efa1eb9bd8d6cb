"""What an unfinished training on labels is known by."""

from pathlib import Path

import pytest

from speckle2vec.landcover.finetuning.engine import Engine
from speckle2vec.landcover.finetuning.identity import training_identity

ABOUT = {"seed": 42, "code": "a"}


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    path = tmp_path / "encoder.safetensors"
    path.write_bytes(b"weights")
    return path


def test_it_is_that_of_the_contents_wherever_they_lie(encoder):
    moved = encoder.with_name("moved")
    moved.write_bytes(encoder.read_bytes())
    turned_around = dict(reversed(ABOUT.items()))
    first = training_identity(ABOUT, Engine(crop=64), encoder)
    assert first == training_identity(turned_around, Engine(crop=64), moved)


def test_settings_crop_and_every_byte_of_every_file_count(encoder):
    labels = encoder.with_name("labels.parquet")
    labels.write_bytes(b"labels")
    seen = {
        training_identity(ABOUT, Engine(crop=64), encoder),
        training_identity(ABOUT | {"seed": 43}, Engine(crop=64), encoder),
        training_identity(ABOUT, Engine(crop=32), encoder),
        training_identity(ABOUT, Engine(crop=64), encoder, labels),
        training_identity(ABOUT, Engine(crop=64), labels, encoder),
    }
    labels.write_bytes(b"other labels")
    seen.add(training_identity(ABOUT, Engine(crop=64), encoder, labels))
    assert len(seen) == 6
