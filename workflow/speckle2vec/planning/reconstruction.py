"""What the rules of reconstruction ask: files, and what each rule depends on.

Nothing here decodes or imports what does: the plan is made at every start.
"""

from speckle2vec.choices import DECODING
from speckle2vec.planning.files import Files


class ReconstructionPlan(Files):
    """Files and dependencies of images that are decoded again, and of how good they are."""

    decoding = "|".join(DECODING)
    """A regular expression for the methods that keep a decoder."""
