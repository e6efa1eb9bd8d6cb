"""Precision, device and compiler."""

import numpy as np
import pytest
import small
import torch

from speckle2vec.errors import UserError


def test_bfloat16_trains(tmp_path):
    method, settings = small.of_report(precision="bfloat16", epochs=1)
    _, history = small.train_method(tmp_path / "checkpoint", method, settings)
    assert {value.dtype for value in method.parameters()} == {torch.float32}
    assert np.isfinite(history[-1]["loss"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="finds no GPU here; set it to `auto` or `cpu`"):
        small.run(tmp_path / "checkpoint", settings=small.changed(device="cuda"))


def test_compiling_without_a_compiler(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(UserError, match="needs a C\\+\\+ compiler and none is found"):
        small.run(tmp_path / "checkpoint", settings=small.changed(compile=True))
