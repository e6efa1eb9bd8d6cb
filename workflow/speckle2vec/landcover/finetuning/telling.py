"""What a training on labels says before it begins."""

from speckle2vec.progress import LOGGER
from speckle2vec.training.samples import Samples


def announce(what: str, samples: Samples) -> None:
    """Log what is trained on how much, and warn where nothing is held out.

    Args:
        what: The network and how it was pretrained.
        samples: What it learns from.
    """
    LOGGER.info(
        "Fine-tuning %s: %d training samples, %d of validation",
        what, len(samples.train), samples.validated,
    )  # fmt: skip
    if samples.held_out_is_training:
        LOGGER.warning(
            "Too few samples of the validation have labels and cubes; the loss that stops the "
            "training is that of training samples. Label more of them, raise `splits.validation`, "
            "or set `landcover.finetune.patience` to 0."
        )
