"""Run every benchmark and write one list of `{name, ours, theirs, ratio}`.

A ratio above 1 means that ours is better. Absolute figures belong to the machine.
"""

import importlib
import json
import os
import sys
from pathlib import Path

BENCHMARKS = (
    "preprocess", "train", "export", "labels", "memory", "neighbours", "engine", "views", "fusion",
    "landcover", "places", "osm", "gpu", "cutting", "pairing", "codes", "scale", "search",
    "report", "dask", "checksums",
)  # fmt: skip


def main(path: Path) -> None:
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")  # as on the command line
    entries = []
    for name in BENCHMARKS:
        print(f"running {name} ...", flush=True)
        entries += importlib.import_module(f"tests.benchmarks.{name}").benchmark()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries, indent=2) + "\n")
    width = max(len(entry["name"]) for entry in entries)
    print(f"{'name':{width}} {'ours':>10} {'theirs':>10} {'ratio':>7}")
    for entry in entries:
        row = f"{entry['ours']:10.3f} {entry['theirs']:10.3f} {entry['ratio']:6.2f}x"
        print(f"{entry['name']:{width}} {row}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
