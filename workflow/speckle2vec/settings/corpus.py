"""What every corpus declares, whatever its source."""

from typing import Literal

from pydantic import Field

from speckle2vec.settings.base import Section

Units = Literal["db", "linear"]
Calibration = Literal["sigma0", "gamma0"]
DatesPerSample = Literal[1, 2, 4]
Globs = str | tuple[str, ...]
OPTICAL_BANDS = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12",
)  # fmt: skip
"""The bands of Sentinel-2 L2A, in the order of the published shards."""


class Corpus(Section):
    """What every corpus declares, whatever its source."""

    id_prefix: str = Field(default="", pattern=r"^[\w.+:~,/ -]*$")
    """Plain text put before every sample id, to keep ids of two corpora apart."""
    date_order: Literal["ascending", "any"] = "ascending"
    """`ascending` refuses a sample whose dates do not ascend; `any` admits it."""
    minimum_valid: float = Field(default=0.95, gt=0, le=1)
    """Least share of finite pixels (0..1) on every date and polarisation of a sample."""
    optical_offset: Literal[0, -1000] | None = None
    """What is added to the numbers of Sentinel-2: -1000 for processing baseline 04.00 and
    later, 0 before, and where the 1000 was taken off already. It counts before the baseline
    in the names of products; an offset that files state themselves must agree with it."""
