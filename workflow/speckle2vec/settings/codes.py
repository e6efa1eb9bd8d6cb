"""Settings of the codes of embeddings and of what they are judged by."""

from pydantic import Field, model_validator

from speckle2vec.measures.codes.names import parse_code
from speckle2vec.settings.base import Section
from speckle2vec.settings.named_models import check_models

WIDTH = 1024
EXACT = "float32"
DEFAULT_CODES = (
    "float32", "float16", "int8", "int4", "binary", "pq64",
    "pca128-float32", "pca128-float16", "pca128-int8", "pca128-int4", "pca128-binary",
    "pca64-int8", "pca64-int4", "pca32-int8", "pca32-int4", "pca16-int8", "pca16-int4", "pca8-int8",
    "pca64-pq16", "pca32-pq16x4",
)  # fmt: skip


class Codes(Section):
    """Codes: embeddings in fewer bytes, and what that costs."""

    names: tuple[str, ...] = Field(default=DEFAULT_CODES, min_length=1)
    """Codes that are compared: `float32`, `float16`, `int8`, `int4` (4 bits), `binary` (1 bit),
    `pq64` (product codes of 64 parts of 8 bits; `pq64x4` of 4), each also after PCA, such as
    `pca64-int8`. `float32` is always among them."""
    models: tuple[str, ...] = ()
    """Models whose embeddings are encoded, as `features/method/encoder`; none is the default
    model."""
    most: int = Field(default=20_000, ge=100)
    """The most samples of training blocks that ranges, PCA and codebooks are fitted on; of more,
    so many are drawn."""
    neighbours: int = Field(default=10, ge=1)
    """Of each sample so many nearest neighbours are compared with those by float32."""
    queries: int = Field(default=1000, ge=1)
    """Samples whose neighbours are compared, at most; they are of the scored splits."""
    searched: int = Field(default=50_000, ge=100)
    """Samples among which neighbours are searched, at most."""
    points: float = Field(default=1.0, ge=0)
    """What a code may lose of the probe's score, in points of 100, to be called the best."""

    @property
    def compared(self) -> tuple[str, ...]:
        """The codes, float32 first."""
        return (EXACT, *(name for name in self.names if name != EXACT))

    @model_validator(mode="after")
    def _names_are_codes(self) -> "Codes":
        for name in self.names:
            parse_code(name, WIDTH)
        if len(set(self.names)) != len(self.names):
            raise ValueError("names holds a code twice")
        check_models(self.models)
        return self
