"""Every method has its loss in every precision that the settings offer."""

import pytest
import small
import torch

from speckle2vec.training.batches import batches
from speckle2vec.training.checkpoints import Progress
from speckle2vec.training.machine import precision

CPU = torch.device("cpu")


@pytest.mark.parametrize("name", small.LEARNING)
def test_a_loss_in_bfloat16_is_nearly_that_in_float32(tmp_path, name):
    samples, losses = small.samples(tmp_path), []
    for arithmetic in ("float32", "bfloat16"):
        settings = small.changed(precision=arithmetic)
        method = small.method(name, settings)
        method.attach(samples)
        batch = next(batches(samples.train, settings, 1, Progress(epoch=2), CPU))
        with torch.no_grad(), precision(settings, CPU):
            losses.append(method(batch))
    assert losses[1].dtype == torch.float32
    torch.testing.assert_close(losses[1], losses[0], rtol=0.02, atol=0.02)
