"""What has become of the samples of a shard: written, or left out and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.preprocess.base import Cube, FeatureSet, LeftOut
from speckle2vec.preprocess.samples import Job
from speckle2vec.products.cube_writer import CubeWriter
from speckle2vec.products.keys import ShardKey
from speckle2vec.progress import LOGGER


@dataclass
class Outcome:
    """What has become of the samples so far."""

    samples: Sequence[tuple[int, str]]
    """Row and id of all that are worked on."""
    kept: list[tuple[int, str]] = field(default_factory=list)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    dates: list[Sequence[np.datetime64]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    def write(self, block: Sequence[Cube | LeftOut], cubes: CubeWriter) -> None:
        """Write the next block, and remember all but its pixels."""
        values = []
        for one in block:
            sample = self.samples[len(self.kept) + len(self.left_out)]
            if isinstance(one, LeftOut):
                self.left_out[sample[1]] = one
                continue
            self.kept.append(sample)
            self.dates.append(one.dates)
            self.records.append(dict(one.records))
            values.append(one.values)
        if values:
            cubes.add(np.stack(values))

    def describe(self, cubes: CubeWriter, feature_set: FeatureSet, job: Job) -> None:
        """Write what is known of all cubes."""
        corpus = job.settings.corpora[job.key.corpus]
        attributes = {
            **feature_set.attributes,
            "calibration": corpus.calibration,
            "corpus": job.key.corpus,
            "shard": job.key.shard,
            "dates": corpus.dates,
            "left_out": {name: one.reason for name, one in self.left_out.items()},
        }
        rows, names = [row for row, _ in self.kept], [name for _, name in self.kept]
        cubes.describe(names, rows, attributes, self._dates(), self._recorded(feature_set))

    def tell(self, key: ShardKey) -> None:
        """Say how many samples are left out, and why."""
        for kind, count in Counter(one.kind for one in self.left_out.values()).items():
            LOGGER.info("%s: %d of %d samples %s.", key, count, len(self.samples), kind)

    def _dates(self) -> npt.NDArray[np.datetime64] | None:
        return np.array(self.dates, dtype="datetime64[ms]") if self.dates else None

    def _recorded(self, feature_set: FeatureSet) -> dict[str, npt.NDArray[Any]]:
        return {
            name: np.array([one[name] for one in self.records], dtype=kind).reshape(-1, *shape)
            for name, (kind, shape) in feature_set.records.items()
        }
