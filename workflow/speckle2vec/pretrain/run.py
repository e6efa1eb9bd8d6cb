"""The stage: cubes to a trained encoder, with its card and its history."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from speckle2vec.networks.crops import side_of
from speckle2vec.networks.registry import build_encoder
from speckle2vec.networks.trained import weights_of
from speckle2vec.pretrain.building import Keep, build_method, check_trainable
from speckle2vec.pretrain.card import write_card
from speckle2vec.pretrain.identity import about_training, check_this_run, training_digest
from speckle2vec.products.encoders import EncoderFile, write_encoder
from speckle2vec.products.histories import write_history
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.neighbours import about_samples
from speckle2vec.products.statistics import read_statistics
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings
from speckle2vec.training.checkpoints import Checkpoint
from speckle2vec.training.loading import load_samples
from speckle2vec.training.loop import train
from speckle2vec.training.ranks import joined, rank
from speckle2vec.training.samples import Samples


def pretrain(
    settings: Settings,
    features: str,
    method: str,
    encoder: str,
    keys: Sequence[ShardKey],
    cubes: Path,
    catalogue: Path,
    statistics: Path,
    checkpoint: Path,
    output: Path,
    card: Path,
    history: Path,
    code: str,
    neighbours: Path | None = None,
    curves: Path | None = None,
    drawn: Mapping[str, Any] | None = None,
    keep: Keep | None = None,
) -> None:
    """Train an encoder on the training samples of some shards.

    Args:
        settings: All settings; the group `pretrain` counts, and the seed.
        features: Name of the feature set, for the log.
        method: Name of the pretraining method.
        encoder: Name of the network.
        keys: The shards pretraining may see.
        cubes: Folder of the cubes, `results/cubes/{features}`.
        catalogue: Folder of the catalogue's parts.
        statistics: `results/statistics/{features}.json`.
        checkpoint: Where an unfinished training is kept; removed at the end.
        output: The encoder to write.
        card: The model card to write.
        history: The table of the epochs to write.
        code: Fingerprint of the code; a checkpoint of other code is not gone on from.
        neighbours: The table of neighbours, for methods that draw from it.
        curves: Folder of the curves for TensorBoard, if they are wanted.
        drawn: By what splits have to be drawn (`Settings.drawn`), to see that
            statistics, neighbours and catalogue are of this run.
        keep: What else of the trained method is kept; called when the encoder is written.

    Raises:
        UserError: The data or the settings cannot be trained on, or the training failed.
    """
    section = settings.pretrain.of_method(method)
    settings = settings.model_copy(update={"pretrain": section})
    chosen = section.own(encoder)
    numbers = read_statistics(statistics, drawn)
    samples = load_samples(
        keys, cubes, catalogue, numbers, section.memory_gb, neighbours, drawn=drawn
    )
    if drawn is not None:
        near = settings.neighbours.model_dump(mode="json")
        check_this_run({**about_samples(keys, drawn), **near}, statistics, numbers, samples)
    network = build_encoder(encoder, len(numbers.features), chosen, settings.seed)
    check_trainable(method, encoder, network)
    side = side_of(*samples.train.shape[1:], section.crop)
    module = build_method(method, network, section, settings.seed, numbers.features, side)
    about = about_training(settings, method, encoder, chosen, numbers, samples, code)
    _announce(features, method, encoder, samples)
    kept = Checkpoint(checkpoint, training_digest(about))
    with joined(section):
        rows = train(module, samples, section, settings.seed, kept, curves)
    if rank():  # the first rank writes for all
        return
    trained = EncoderFile(**about, statistics=numbers, weights=weights_of(network))
    write_encoder(trained, output)
    write_history(rows, history)
    write_card(trained, rows, samples.held_out_is_training, card)
    if keep is not None:
        keep(module, trained)
    kept.remove()


def _announce(features: str, method: str, encoder: str, samples: Samples) -> None:
    LOGGER.info(
        "Pretraining %s by %s on %s: %d training samples, %d held out",
        encoder, method, features, len(samples.train), samples.validated,
    )  # fmt: skip
    if samples.held_out_is_training:
        LOGGER.warning(
            "Too few samples are held out; the health of the embeddings is measured on training "
            "samples. Raise `splits.validation` to hold out more."
        )
