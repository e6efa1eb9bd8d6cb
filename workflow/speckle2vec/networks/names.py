"""Names of the encoders, and the module that builds each; light, for the plan of a run."""

import difflib

from speckle2vec.errors import UserError

ENCODERS = {"cnn-transformer": "speckle2vec.networks.cnn_transformer"}


def encoder_module(encoder: str) -> str:
    """Dotted name of the module that builds an encoder.

    Raises:
        UserError: There is no such encoder.
    """
    if encoder in ENCODERS:
        return ENCODERS[encoder]
    near = difflib.get_close_matches(encoder, ENCODERS, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else "."
    raise UserError(f"There is no encoder `{encoder}`{hint} Valid names: {', '.join(ENCODERS)}.")
