"""Settings of judging embeddings as compressed images."""

from pydantic import Field, model_validator

from speckle2vec.choices import DECODING
from speckle2vec.measures.codes.names import parse_code
from speckle2vec.settings.base import Section
from speckle2vec.settings.codes import WIDTH
from speckle2vec.settings.named_models import check_models


class Reconstruction(Section):
    """Images decoded again, beside other ways to keep as many bytes of them."""

    models: tuple[str, ...] = ()
    """Models that are compared, as `features/method/encoder`; none are those of the grid whose
    method decodes images (`vae`, `mae`)."""
    codes: tuple[str, ...] = Field(default=("float32", "float16", "int8"), min_length=1)
    """How the numbers are stored that images are decoded from; names as of `codes.names`. The
    bytes of each are what JPEG 2000 and smaller images may take."""
    samples: int = Field(default=256, ge=1)
    """Samples of the splits of `probes.scored` that are judged, at most; of more, so many are
    drawn."""
    fitted: int = Field(default=1000, ge=8)
    """The most samples of training blocks that the codes are fitted on."""

    @model_validator(mode="after")
    def _names_are_known(self) -> "Reconstruction":
        for name in self.codes:
            parse_code(name, WIDTH)
        if len(set(self.codes)) != len(self.codes):
            raise ValueError("codes holds a code twice")
        check_models(self.models)
        for model in self.models:
            if model.split("/")[1] not in DECODING:
                known = " and ".join(DECODING)
                raise ValueError(f"models holds {model!r}, but only {known} decode images")
        return self
