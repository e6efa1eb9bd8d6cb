"""What the simulated corpora consist of: shards, samples a shard, and file names."""

from typing import Literal

from speckle2vec.errors import UserError

Size = Literal["tiny", "demo", "measure"]
FOLDERS = ("train", "val")
MODALITIES = ("S1GRD", "S2L2A")

_TRAIN_VAL_SAMPLES: dict[str, tuple[int, int, int]] = {
    "tiny": (1, 1, 32),
    "demo": (7, 1, 64),
    "measure": (28, 4, 64),
}


def simulated_shards(size: Size) -> tuple[str, ...]:
    """Names of all shards of a size, such as `train-000001`, in order."""
    train, val, _ = _TRAIN_VAL_SAMPLES[size]
    counts = zip(FOLDERS, (train, val), strict=True)
    return tuple(f"{folder}-{number:06d}" for folder, n in counts for number in range(1, n + 1))


def samples_per_shard(size: Size) -> int:
    """Samples (places) in every shard of a size."""
    return _TRAIN_VAL_SAMPLES[size][2]


def parse_shard(shard: str) -> tuple[str, int]:
    """Folder and number of a shard's name: `train-000001` is `train`, 1.

    Raises:
        UserError: The name has another form.
    """
    folder, _, number = shard.partition("-")
    if folder not in FOLDERS or not (len(number) == 6 and number.isdecimal()):
        raise UserError(f"{shard!r} names no shard; write it as train-000001 or val-000001.")
    return folder, int(number)


def relative_path(shard: str, modality: str) -> str:
    """Path of a shard below its corpus, as in the SSL4EO-S12 v1.1 release.

    `train-000001` and `S1GRD` give
    `train/S1GRD/ssl4eos12_train_seasonal_data_000001.zarr.zip`.

    Raises:
        UserError: The name of the shard has another form.
    """
    folder, number = parse_shard(shard)
    return f"{folder}/{modality}/ssl4eos12_{folder}_seasonal_data_{number:06d}.zarr.zip"
