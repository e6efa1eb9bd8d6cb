"""Ids that stand in a file more than once."""

from pathlib import Path

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.unique import check_unique

FILE = Path("labels.csv")


@pytest.mark.parametrize("ids", [[], ["a"], ["b", "a", "A", " a"]])
def test_ids_that_differ_pass(ids):
    check_unique(FILE, np.array(ids, str))


def test_each_id_is_counted_by_itself():
    with pytest.raises(UserError, match=r"^labels.csv: holds the id a 2 times; each .* once\.$"):
        check_unique(FILE, np.array(list("cabbbacd")))
