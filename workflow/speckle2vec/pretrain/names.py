"""Names of the pretraining methods, and the module of each; light, for the plan of a run."""

import difflib

from speckle2vec.errors import UserError

METHODS = {"simclr": "speckle2vec.pretrain.simclr"}


def method_module(method: str) -> str:
    """Dotted name of the module of a pretraining method.

    Raises:
        UserError: There is no such method.
    """
    if method in METHODS:
        return METHODS[method]
    near = difflib.get_close_matches(method, METHODS, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else "."
    raise UserError(
        f"There is no pretraining method `{method}`{hint} Valid names: {', '.join(METHODS)}."
    )
