"""A corpus as small as can be from which the class of a pixel can be learned."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from speckle2vec.landcover.finetuning.finetune import finetune
from speckle2vec.landcover.finetuning.laying import Sources
from speckle2vec.networks.registry import build_encoder
from speckle2vec.networks.trained import weights_of
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.encoders import EncoderFile, write_encoder
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.statistics import Statistics
from speckle2vec.settings.landcover import Run
from speckle2vec.settings.load import parse_settings

FEATURES = ("vv_mean", "vh_mean")
UNITS = dict.fromkeys(FEATURES, "dB")
STATISTICS = Statistics(FEATURES, UNITS, "sigma0", (1.0,) * 2, (0.5, 0.0), (0.5, 1.0), "f")
CLASSES = (LabelClass(1, 1, "land", "#80ff00"), LabelClass(2, 5, "water", "#00ccf2"))
FINETUNE = {
    "epochs": 2, "batch_size": 8, "threads": 1, "device": "cpu", "checkpoint_minutes": 0,
}  # fmt: skip


def settings_with(seed=42, scored=("test",), **finetune_settings):
    return parse_settings({
        "seed": seed,
        "corpora": {"a": {"source": "simulated"}},
        "landcover": {"scored": list(scored), "finetune": {**FINETUNE, **finetune_settings}},
    }, "test")  # fmt: skip


def halves(number, height, width):
    """Labels: water in the left part, of another width in every sample; a row of nodata."""
    labels = np.ones((height, width), np.uint8)
    labels[:, : width // 4 + number % 4 * width // 8] = 2
    labels[0] = 0
    return labels


def shown(labels, side):
    """A cube (2, side, side) whose first feature is high over water, at any resolution."""
    rows, columns = (np.arange(side) * length // side for length in labels.shape)
    water = (labels == 2)[np.ix_(rows, columns)]
    noise = np.random.default_rng(0).normal(0, 1, (side, side))
    return np.stack([water, noise]).astype(np.float32)


@dataclass
class Corpus:
    """Cubes, labels, catalogue and an encoder in one folder."""

    folder: Path
    keys: list[ShardKey] = field(default_factory=list)

    @property
    def sources(self):
        return Sources(
            self.keys, *(self.folder / name for name in ("cubes", "catalogue", "labels"))
        )

    @property
    def encoder(self):
        return self.folder / "encoder.safetensors"

    def write_shard(
        self, shard, splits, side=32, native=(66, 66), labelled=None, cubes=None, kind=None,
        classes=CLASSES, blocks=None, **attributes,
    ):  # fmt: skip
        """One sample a split; `labelled` gives labels by number, `cubes` patches (sample, ...)."""
        key = ShardKey("test", shard)
        self.keys.append(key)
        images = [
            halves(number, *native) if labelled is None else labelled(number)
            for number in range(len(splits))
        ]
        names = [f"{shard}_{number}" for number in range(len(splits))]
        made = np.stack([shown(image, side) for image in images]) if cubes is None else cubes
        records = {"native": np.array([image.shape for image in images], np.int32)}
        write_cubes(
            key.part(self.folder / "cubes", ".zarr.zip"), iter([made]), names, range(len(names)),
            made.shape[1:],
            {
                "features": list(FEATURES), "units": UNITS, "calibration": "sigma0",
                "recipe": {"feature_set": kind or "sar-temporal"}, "corpus": "test",
                "shard": shard, **attributes,
            },
            dtype=str(made.dtype), records=records if kind == "fusion" else None,
        )  # fmt: skip
        write_labels(
            key.part(self.folder / "labels", ".zarr.zip"),
            (SampleLabels(name, row, image, 1.0)
             for row, (name, image) in enumerate(zip(names, images, strict=True))),
            [image.shape for image in images], classes, dict,
        )  # fmt: skip
        blocks = blocks or [f"{number // 2}_0" for number in range(len(splits))]
        rows = [
            {
                **dict.fromkeys(SCHEMA.names), "sample_id": name, "corpus": "test",
                "shard": shard, "row": row, "place": name, "split": splits[row],
                "block": blocks[row], "verdict": "accepted", "reason": "",
            }
            for row, name in enumerate(names)
        ]  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=SCHEMA)
        write_catalogue(table, key.part(self.folder / "catalogue", ".parquet"))
        return key

    def write_encoder(self, name="small", kind="sar-temporal", crop=128, **values):
        network = build_encoder(name, len(FEATURES), {}, seed=1)
        about = {
            "architecture": name, "channels": len(FEATURES), "settings": {},
            "statistics": STATISTICS, "recipe": {"feature_set": kind}, "method": "none",
            "training": {"crop": crop}, "seed": 1, "data": "d", "samples": 9, "code": "c",
            "versions": {}, "weights": weights_of(network),
        }  # fmt: skip
        write_encoder(EncoderFile(**{**about, **values}), self.encoder)

    def finetune(self, folder, run="whole-100", seed=42, settings=None, code="same"):
        """Train; the folder then holds `segmenter` and `history.csv`."""
        finetune(
            settings or settings_with(), Run.parse(run), seed, self.encoder, self.sources,
            folder / "checkpoint", folder / "segmenter", folder / "history.csv", code,
        )  # fmt: skip
        return folder / "segmenter"


def rename_cubes(path, key):
    """Let cubes say that they are of another shard; their samples stay."""
    with open_cubes(path) as shard:
        cubes, told = shard.read(0, len(shard.sample_ids)), dict(shard.attributes)
        names, rows = shard.sample_ids, shard.rows.tolist()
    told |= {"corpus": key.corpus, "shard": key.shard}
    write_cubes(path, iter([cubes]), names, rows, cubes.shape[1:], told)
