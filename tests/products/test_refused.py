from zipfile import BadZipFile

import pyarrow as pa
import pytest
from safetensors import SafetensorError

from speckle2vec.errors import UserError
from speckle2vec.products.refused import refused

TROUBLES = [
    FileNotFoundError("no such file"), BadZipFile("no zip"), pa.ArrowInvalid("no magic bytes"),
    SafetensorError("short header"), KeyError("units"), TypeError("a number"), ValueError("text"),
]  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: type(trouble).__name__)
def test_the_sentence_names_the_file_and_what_is_wrong_with_it(tmp_path, trouble):
    with pytest.raises(UserError) as raised, refused(tmp_path / "a.parquet"):
        raise trouble
    assert str(raised.value) == (
        f"{tmp_path / 'a.parquet'}: is missing or damaged ({trouble}); remove it and run the same "
        "command again."
    )
    assert raised.value.__cause__ is trouble


def test_the_sentence_tells_what_was_wanted_and_what_makes_it(tmp_path):
    with (
        pytest.raises(UserError, match=r"missing, damaged or no list of cats \(gone\)") as raised,
        refused(tmp_path, "list of cats", "speckle2vec cats"),
    ):
        raise OSError("gone")
    assert str(raised.value).endswith("again, or make it with `speckle2vec cats`.")


def test_other_errors_pass(tmp_path):
    with pytest.raises(UserError, match=r"^is of another encoder$"), refused(tmp_path):
        raise UserError("is of another encoder")
    with pytest.raises(ZeroDivisionError), refused(tmp_path):
        raise ZeroDivisionError


def test_a_stream_that_ends_early_is_refused(tmp_path):
    with pytest.raises(UserError, match="is missing or damaged"), refused(tmp_path):
        next(iter(()))
