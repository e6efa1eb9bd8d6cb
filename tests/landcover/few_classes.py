"""Three classes, and settings of a small corpus."""

from speckle2vec.products.labels import LabelClass
from speckle2vec.settings.load import parse_settings

CLASSES = (
    LabelClass(1, 1, "town", "#e6004d"),
    LabelClass(2, 3, "forest", "#80ff00"),
    LabelClass(3, 5, "water", "#00ccf2"),
)
CORPORA = {"test": {"source": "simulated", "size": "tiny"}}


def settings_of(**changes):
    return parse_settings({"corpora": CORPORA, **changes}, "test")
