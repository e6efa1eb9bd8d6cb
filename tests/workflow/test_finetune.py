"""One cell of the land-cover table by the workflow: a ResNet18 learns from labels."""

import pandas as pd
import yaml

from speckle2vec.products.confusions import read_confusion
from speckle2vec.products.segmenters import read_segmenter

CELL = "results/landcover/sar-temporal/none/resnet18@7/frozen-100"
COUNTS = f"{CELL}/confusion.parquet"


def test_a_cell_is_made_and_only_what_changed_runs_again(finished):
    config = yaml.safe_load((finished.folder / "config/experiments/tiny.yaml").read_text())
    small = {"epochs": 2, "batch_size": 16, "threads": 2, "device": "cpu"}
    config["landcover"] = {"scored": ["validation", "test"], "finetune": small}
    (finished.folder / "mine.yaml").write_text(yaml.safe_dump(config))
    finished.make(COUNTS, config="mine.yaml")
    kept = read_segmenter(finished.folder / CELL / "segmenter.safetensors")
    assert (kept.encoder.architecture, kept.seed, kept.drawn) == ("resnet18", 7, 42)
    assert [one.code for one in kept.classes] == [1, 2, 3, 4, 5]
    history = pd.read_csv(finished.folder / CELL / "history.csv")
    assert history["epoch"].tolist() == [0, 1, 2]
    assert history["loss"][2] < history["loss"][1]
    counted = read_confusion(finished.folder / COUNTS)
    labelled = counted.about["pixels"]
    scored = sum(sum(labelled[split].values()) for split in ("validation", "test"))
    assert counted.counts.sum() == scored > 0
    assert not finished.planned(COUNTS, config="mine.yaml")
    faster = ("--config", "landcover={finetune: {learning_rate: 1.0e-3}}")
    assert finished.planned(COUNTS, *faster, config="mine.yaml") == {"finetune": 1, "confusion": 1}
