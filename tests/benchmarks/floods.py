"""Water in six countries, each kept from pretraining, fine-tuning and probes in turn.

`python -m tests.benchmarks.floods probes DATA FOLDER` probes embeddings of tiles of 64 pixels,
`... segments DATA FOLDER` fine-tunes for masks of water. DATA is the folder that holds
`sen1floods11-chips`; the six runs of the workflow stay in FOLDER, so that a second call only
gathers them. It is no benchmark of speed and no part of `make benchmark`.
"""

import argparse
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from speckle2vec.measures.intervals import compared, drawn_sums, interval, resamples, told
from speckle2vec.measures.iou import scores_of
from speckle2vec.products.confusions import read_confusion

COUNTRIES = ("Ghana", "India", "Mekong", "Nigeria", "Somalia", "Spain")
PROBED = ("water-present", "water-share")
CELL = ["method", "encoder", "mode", "seed"]
WATER, DRAWS, SEED, CONFIDENCE = 1, 4000, 42, 0.95


def splits(left_out: str, validation: str = "") -> dict[str, str]:
    """Splits by country; without a country for validation all others are for training."""
    named = {left_out: "test", validation: "validation"}
    return {f"{one}_*": named.get(one, "train") for one in COUNTRIES}


def run(
    name: str, folder: Path, given: argparse.Namespace, config: Mapping[str, object], *targets: str
) -> Path:
    """Run an experiment of the workflow, or find it done; its folder of results."""
    settings = [f"{key}={json.dumps(value)}" for key, value in config.items()]
    subprocess.run(
        ["snakemake", "--cores", str(given.cores), "--directory", str(folder), "--quiet",
         "--keep-going", "--configfile", f"config/experiments/{name}.yaml",
         "--config", f"data={given.data}", *settings, "--", *targets],
        check=True,
    )  # fmt: skip
    return folder / "results"


def probed(country: str, given: argparse.Namespace) -> pd.DataFrame:
    """Scores on a country that neither pretraining nor the probe has seen."""
    config = {
        "splits": {"train": 1, "validation": 0, "test": 0, "places": splits(country)},
        "grid": {"methods": given.methods},
    }
    targets = [f"results/groups/{label}.csv" for label in PROBED]
    results = run("flood-probes", given.folder / f"probes-{country}", given, config, *targets)
    tables = pd.concat([pd.read_csv(results / f"groups/{label}.csv") for label in PROBED])
    own = tables[tables["group"] == country]
    if own["seen"].any():
        raise SystemExit(f"{country} was seen by pretraining; remove {results} and run again.")
    return own


def segmented(country: str, given: argparse.Namespace) -> pd.DataFrame:
    """Scores of masks in a country that neither pretraining nor fine-tuning has seen."""
    next_one = COUNTRIES[(COUNTRIES.index(country) + 1) % len(COUNTRIES)]
    config = {"splits": {"places": splits(country, next_one)}, "grid": {"methods": given.methods}}
    target = "results/landcover/table.csv"
    results = run("floods", given.folder / f"segments-{country}", given, config, target)
    return pd.read_csv(results / "landcover/table.csv").assign(group=country)


def by_country(tables: pd.DataFrame, keys: list[str], score: str) -> pd.DataFrame:
    """A row a model, a column a country, and the mean over the countries that have a score."""
    found = tables.pivot_table(score, keys, "group", sort=False)
    found = found.reindex(columns=list(COUNTRIES))  # one of one class has no score at all
    return found.assign(mean=found.mean(axis=1), defined=found.notna().sum(axis=1)).round(3)


def pooled(folder: Path) -> pd.DataFrame:
    """IoU of water over the pixels of all countries, each told by who never saw it.

    Countries and not tiles are drawn, so that the intervals hold the luck of six places; a
    country without water counts by what is wrongly taken for it.
    """
    counts = resamples(len(COUNTRIES), DRAWS, SEED)
    roots = [folder / f"segments-{country}/results/landcover" for country in COUNTRIES]
    names = sorted(str(path.parent.relative_to(roots[0]))
                   for path in roots[0].rglob("confusion.parquet"))  # fmt: skip
    scores = {}
    for name in names:
        found = [read_confusion(root / name / "confusion.parquet").counts for root in roots]
        sums = np.stack([one.sum(axis=0) for one in found])
        scores[name] = scores_of(drawn_sums(sums, counts)).iou[:, WATER]
    rows = {}
    for name, own in scores.items():
        rows[name] = told("iou_water", "", interval(own, CONFIDENCE))
        beside = {"none": scores.get(untrained(name)),
                  "forest": scores["sar-temporal/pixels/random-forest/fit-100"]}  # fmt: skip
        for other, than in beside.items():
            if than is not None and than is not own:
                rows[name] |= compared(other, interval(own - than, CONFIDENCE))
    return pd.DataFrame.from_dict(rows, orient="index").fillna("")


def untrained(name: str) -> str:
    """The same run on the encoder without pretraining."""
    features, _, *run = name.split("/")
    return "/".join((features, "none", *run))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("probes", "segments"))
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cores", type=int, default=4)
    parser.add_argument("--methods", nargs="+", default=["none", "simclr", "mae"])
    given = parser.parse_args()
    given.data, given.folder = given.data.resolve(), given.folder.resolve()
    pd.set_option("display.width", 200)
    if given.part == "probes":
        tables = pd.concat([probed(one, given) for one in COUNTRIES])
        for (label, probe), rows in tables.groupby(["label", "probe"]):
            print(f"\n{label}, {probe} probe, {rows['measure'].iloc[0]}")
            print(by_country(rows, ["method", "encoder", "seed"], "score").to_string())
    else:
        tables = pd.concat([segmented(one, given) for one in COUNTRIES]).astype({"seed": str})
        for score in ("iou_water", "mean_iou"):
            print(f"\n{score}")
            print(by_country(tables, CELL, score).to_string())
        print("\nIoU of water over the pixels of all countries")
        print(pooled(given.folder).to_string())


if __name__ == "__main__":
    main()
