"""Where the bytes of a file of codes go."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from speckle2vec.products.codes import KIND
from speckle2vec.products.refused import refused


@dataclass(frozen=True)
class CodeBytes:
    """Bytes of a file of codes."""

    total: int
    """The whole file."""
    growing: int
    """Ids and codes, which grow with the samples."""
    payload: int
    """The code of one sample alone."""
    samples: int

    def each(self, samples: int | None = None) -> float:
        """Bytes a sample of the whole file, with what all share dealt out.

        Args:
            samples: Of a corpus of so many samples instead of the file's own.
        """
        fixed, own = self.total - self.growing, self.growing / max(self.samples, 1)
        return own + fixed / max(samples or self.samples, 1)


def code_bytes(path: Path) -> CodeBytes:
    """Where the bytes of a file go, as it stands on disk.

    Raises:
        UserError: The file is missing or damaged.
    """
    with refused(path, KIND):
        footer = pq.read_metadata(path)
        groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
        parts = [group.column(part) for group in groups for part in (0, 1)]
        growing = sum(part.total_compressed_size for part in parts)
        payload = footer.schema.column(1).length
        return CodeBytes(path.stat().st_size, growing, payload, footer.num_rows)
