"""The stage that cuts one shard of a corpus from an archive, and can be stopped anywhere."""

import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from speckle2vec.corpus.cutting.jobs import Job, jobs_of
from speckle2vec.corpus.cutting.patches import identity, patch_path, read_entry, write_outcome
from speckle2vec.corpus.cutting.place import Cutter
from speckle2vec.corpus.cutting.shards import write_cut
from speckle2vec.corpus.providers import collections_of
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.ledger import CUT, FAILED, Entry, write_ledger
from speckle2vec.progress import LOGGER, duration, track
from speckle2vec.provenance import fingerprint
from speckle2vec.readers.listing import declared_corpus
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.cutting import cut_settings
from speckle2vec.settings.root import Settings

_NAMED = 3


def cut_shard(
    settings: Settings,
    key: ShardKey,
    places: Path,
    candidates: Path,
    work: Path,
    failed: Path,
    outputs: Mapping[str, Path],
    ledger: Path,
) -> None:
    """Cut all places of a shard and write it in the layout of SSL4EO-S12 v1.1.

    Each patch is kept whole in `work` as soon as it is cut, and the shard is written when
    every place is cut or refused for good. A run that is stopped goes on with the rest.
    Memory holds as many patches as there are connections.

    Args:
        settings: All settings.
        key: The shard.
        places: `results/corpora/{corpus}/places.parquet`.
        candidates: The images of the shard's places.
        work: Folder of the finished patches; removed once the shard is written.
        failed: Where the ledger goes while places have failed.
        outputs: The shard of each sensor, by role (`S1`, `S2`).
        ledger: What became of each place.

    Raises:
        UserError: Places failed for now, or the archive does not hand images out.
    """
    corpus = declared_corpus(settings, key.corpus)
    if not isinstance(corpus, StacCorpus):
        raise UserError(f"The corpus {key.corpus!r} is not cut from an archive.")
    collections = {one.role: one for one in collections_of(corpus)}
    cutter = Cutter(corpus, collections)
    jobs = jobs_of(places, candidates, key.shard)
    entries = _Shard(key, cutter, work).cut(jobs)
    _stop_where_failed(key, entries, failed)
    cut = [job for job, entry in zip(jobs, entries, strict=True) if entry.verdict == CUT]
    LOGGER.info("%s: %d of %d places were cut", key, len(cut), len(jobs))
    for role, path in outputs.items():
        write_cut(path, corpus, collections[role], cut, work)
    write_ledger(entries, ledger)
    failed.unlink(missing_ok=True)
    shutil.rmtree(work, ignore_errors=True)


class _Shard:
    """The places of a shard, cut beside each other."""

    def __init__(self, key: ShardKey, cutter: Cutter, folder: Path) -> None:
        self.key, self.cutter, self.folder = key, cutter, folder
        self.basis = [cut_settings(cutter.corpus), fingerprint("speckle2vec.corpus.cutting.run")]

    def cut(self, jobs: Sequence[Job]) -> list[Entry]:
        """What became of each place, in their order, now or in an earlier run."""
        known = {job.place: read_entry(self._path(job), self._made_from(job)) for job in jobs}
        waiting = [job for job in jobs if known[job.place] is None]
        if len(waiting) < len(jobs):
            done = len(jobs) - len(waiting)
            LOGGER.info("%s: going on, %d of %d places are done", self.key, done, len(jobs))
        new = {entry.place: entry for entry in self._cut(waiting)}
        return [known[job.place] or new[job.place] for job in jobs]

    def _cut(self, jobs: Sequence[Job]) -> list[Entry]:
        connections = self.cutter.corpus.provider.connections
        with ThreadPoolExecutor(connections, thread_name_prefix="cut") as pool:
            futures: list[Future[Entry]] = [pool.submit(self._one, job) for job in jobs]
            try:
                finished = track(as_completed(futures), len(futures), f"Cutting {self.key}")
                return [future.result() for future in finished]
            except BaseException:
                self.cutter.stopping.set()
                for future in futures:
                    future.cancel()
                raise

    def _one(self, job: Job) -> Entry:
        start = time.monotonic()
        outcome = self.cutter.cut(job)
        entry = outcome.entry
        if entry.verdict != FAILED:
            write_outcome(self._path(job), self._made_from(job), entry, outcome.patch)
        LOGGER.info(
            "%s: %s%s in %s%s", entry.place, entry.verdict,
            f" ({entry.reason})" if entry.reason else "", duration(time.monotonic() - start),
            f", tried again {outcome.repeats} times" if outcome.repeats else "",
        )  # fmt: skip
        return entry

    def _path(self, job: Job) -> Path:
        return patch_path(self.folder, job.place)

    def _made_from(self, job: Job) -> str:
        return identity(self.basis, job.made_from)


def _stop_where_failed(key: ShardKey, entries: Sequence[Entry], failed: Path) -> None:
    """End the job where places failed for now, with their ledger beside.

    Raises:
        UserError: Places did.
    """
    lost = [entry for entry in entries if entry.verdict == FAILED]
    if not lost:
        return
    write_ledger(entries, failed)
    some = "; ".join(f"{entry.place}: {entry.reason}" for entry in lost[:_NAMED])
    more = f"; and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    raise UserError(
        f"{key}: {len(lost)} of {len(entries)} places failed for now ({some}{more}); all are in "
        f"{failed}. The others are kept: the same command tries only these again, and "
        "`give_up: true` of the provider refuses them instead."
    )
