"""Names of the feature sets, and the module that makes each."""

import difflib

from speckle2vec.errors import UserError

FEATURE_SETS = {"sar-temporal": "speckle2vec.preprocess.sar_temporal"}


def feature_module(features: str) -> str:
    """Dotted name of the module that makes a feature set.

    Raises:
        UserError: There is no such feature set.
    """
    if features in FEATURE_SETS:
        return FEATURE_SETS[features]
    near = difflib.get_close_matches(features, FEATURE_SETS, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else "."
    raise UserError(
        f"There is no feature set `{features}`{hint} Valid names: {', '.join(FEATURE_SETS)}."
    )
