"""What the training engine is told when it trains on labels."""

import math
from typing import ClassVar

from speckle2vec.settings.landcover import Finetune
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.batches import batches_per_epoch

LEAST_STEPS = 50
"""Patience never ends before so many steps without a lower loss."""


class Engine(Pretrain):
    """What the engine reads, with the settings of fine-tuning in it."""

    group: ClassVar[str] = "landcover.finetune"


def engine_settings(section: Finetune, crop: int, samples: int | None = None) -> Engine:
    """The engine's settings: those of fine-tuning, and the crop the encoder was made for.

    Of few samples an epoch is few steps, and the running statistics of a new decoder's batch
    normalisation take some dozens of steps to say what validation then shows: with one step an
    epoch (30 simulated samples) its loss stood still from epoch 6 to 17 and then fell. And eight
    samples of validation, all that few labels leave, tell a loss so noisily that the best of 80
    steps may not be met again for 50. So patience never ends before `LEAST_STEPS` steps, and
    neither patience nor `epochs` before `least_steps`.

    Args:
        section: Settings of fine-tuning.
        crop: Side of the squares the encoder was made for, pixels.
        samples: How many are trained on; left out where there is no new decoder.
    """
    names = set(Finetune.model_fields) & set(Pretrain.model_fields)
    values = {name: getattr(section, name) for name in names}
    if samples is not None:
        steps = batches_per_epoch(samples, section.batch_size)
        values["epochs"] = max(section.epochs, math.ceil(section.least_steps / steps))
        least = max(LEAST_STEPS, section.least_steps)
        patience = max(section.patience, math.ceil(least / steps))
        values["patience"] = patience if section.patience else 0
    return Engine(**values, crop=crop)
