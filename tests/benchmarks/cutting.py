"""Cutting patches from a server that answers after 50 ms, beside each other and one by one.

Every place has files of its own, as in an archive. Ours are the workflow's connections,
theirs one connection. Memory is that of a shard of many places against one of few. Run as
`python -m tests.benchmarks.cutting`; it also prints the requests of a pair and of a season.
"""

import contextlib
import copy
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml
from tests.benchmarks.memory import peak_mb
from tests.corpus.archives import KEY, Archive, settings_of
from tests.corpus.loopback import CogServer, serving
from tests.corpus.scenes import passes, write_scenes

DELAY_S, SIZE, PLACES, CONNECTIONS = 0.05, 256, 8, 16
FEW, MANY = 16, 64
POSITION = (12.0, 48.049)


class Own(CogServer):
    """The same files below as many folders as anybody asks for."""

    async def answer(self, scope, receive, send):
        path = "/" + scope["path"].split("/", 2)[2]
        await super().answer({**scope, "path": path}, receive, send)


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """The server in a process of its own; gives its address."""
    command = [sys.executable, "-m", "tests.benchmarks.cutting", "serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield running.stdout.readline().strip()
        finally:
            running.kill()


def own_items(items: list[dict], old: str, new: str) -> list[dict]:
    changed = copy.deepcopy(items)
    for item in changed:
        for asset in item["assets"].values():
            asset["href"] = asset["href"].replace(old, new)
    return changed


def new_archive(folder: Path, items: list[dict], url: str, count: int, connections: int) -> Archive:
    settings = settings_of(1, SIZE, provider={"connections": connections})
    archive = Archive(folder, settings, [], [POSITION] * count)
    own = {f"{n:07d}": own_items(items, "BASE", f"{url}/{folder.name}-{n}")
           for n in range(1, count + 1)}  # fmt: skip
    archive.choose([], others=own)
    return archive


def seconds(archive: Archive) -> float:
    begin = time.perf_counter()
    archive.cut()
    return time.perf_counter() - begin


def peak(archive: Archive) -> float:
    config = archive.folder / "config.yaml"
    config.write_text(yaml.safe_dump(archive.settings.model_dump(mode="json")))
    return peak_mb(
        archive.folder, "cut", "--shard", str(KEY), "--places-file", "places.parquet",
        "--candidates", "candidates.parquet", "--work", "work", "--failed", "failed.parquet",
        "--radar", str(archive.radar), "--optical", str(archive.optical), "--ledger",
        "ledger.parquet",
    )  # fmt: skip


def benchmark() -> list[dict]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        items = write_scenes(folder / "cogs", "BASE", passes(1), (32632,))
        with server(folder / "cogs") as url:
            times = [
                seconds(new_archive(folder / f"with-{n}", items, url, PLACES, n))
                for n in (CONNECTIONS, 1)
            ]
            peaks = [
                peak(new_archive(folder / f"of-{n}", items, url, n, CONNECTIONS))
                for n in (MANY, FEW)
            ]
    return [
        {"name": f"cut-places (s; {CONNECTIONS} connections against 1)", "ours": times[0],
         "theirs": times[1], "ratio": times[1] / times[0]},
        {"name": f"memory-cut (MB; ours {MANY} places, theirs {FEW})", "ours": peaks[0],
         "theirs": peaks[1], "ratio": peaks[1] / peaks[0]},
    ]  # fmt: skip


def requests_a_place() -> dict[str, float]:
    """Requests of one pair, by method, and the bytes that its patch takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        items = write_scenes(folder / "cogs", "BASE", passes(1), (32632,))
        with serving(Own(folder / "cogs")) as counted:
            archive = new_archive(folder / "a", items, counted.url, 4, 4)
            archive.cut()
        methods = [method for method, *_ in counted.requests]
        size = archive.radar.stat().st_size + archive.optical.stat().st_size
    return {"HEAD": methods.count("HEAD") / 4, "GET": methods.count("GET") / 4, "bytes": size / 4}


def serve(folder: Path) -> None:
    with serving(Own(folder, DELAY_S)) as running:
        print(running.url, flush=True)
        time.sleep(3600)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
    print(json.dumps([requests_a_place(), *benchmark()], indent=2))
