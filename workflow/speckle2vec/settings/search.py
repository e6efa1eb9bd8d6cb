"""Settings of searching embeddings."""

from datetime import date

from pydantic import Field, model_validator

from speckle2vec.settings.base import Section

Period = tuple[date, date]


class Search(Section):
    """What is alike, what stands alone and what changed, by the cosine of embeddings."""

    exact: int = Field(default=100_000, ge=1)
    """Up to so many samples are compared one by one; more are sorted into cells, of which
    a search looks into the nearest few only."""
    cells_searched: int = Field(default=32, ge=1)
    """So many cells a search looks into; more find more and take longer."""
    nearest: int = Field(default=10, ge=1)
    """So many most similar samples are listed of each; an outlier is far from the last."""
    alike: float = Field(default=0.99, gt=-1, le=1)
    """Pairs of this cosine and above are listed as duplicates."""
    most: int = Field(default=1000, ge=1)
    """The most rows of the lists of duplicates and outliers."""
    reach_km: float = Field(default=10.0, gt=0)
    """A point asked for must lie this near to the centre of a sample, km."""
    before: Period | None = None
    """First and last day of the earlier period; without one, the first sample of each place."""
    after: Period | None = None
    """First and last day of the later period; without one, the last sample of each place."""
    threads: int = Field(default=1, ge=1)
    """Threads that sort and search."""

    @model_validator(mode="after")
    def _periods_follow(self) -> "Search":
        if (self.before is None) != (self.after is None):
            raise ValueError("before and after are given together, or neither")
        if self.before is None or self.after is None:
            return self
        for name, (first, last) in (("before", self.before), ("after", self.after)):
            if last < first:
                raise ValueError(f"{name} ends on {last}, before it begins on {first}")
        if self.after[0] <= self.before[1]:
            raise ValueError(
                f"after begins on {self.after[0]}, but before ends on {self.before[1]} only"
            )
        return self
