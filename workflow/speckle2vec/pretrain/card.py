"""The model card: what was trained, on what, how it looks, and what to beware of."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from speckle2vec.markdown import bullets, listed, table
from speckle2vec.products.encoders import EncoderFile
from speckle2vec.products.whole import whole_file

LAST_LAYER = "embed.weight"
"""Of an encoder whose embedding ends in a linear layer, (numbers of the embedding, inputs)."""
GENERAL_CAVEATS = (
    "It knows the units, calibration and features below and no others; cubes that differ are "
    "refused.",
    "Batch normalisation carries the statistics of the places it was trained on; a small set "
    "carries over badly to other regions. Probe it on yours.",
    "Untrained and non-learned features can score as high; no figure here says that it is "
    "better than those.",
)


def write_card(
    encoder: EncoderFile,
    history: Sequence[Mapping[str, float]],
    held_out_is_training: bool,
    path: Path,
) -> None:
    """Write the card as Markdown; equal trainings give equal bytes."""
    health = (
        "training samples (too few are held out)" if held_out_is_training else "held-out samples"
    )
    sections = [
        f"# {encoder.architecture}, trained by {encoder.method}",
        "Turns cubes of "
        f"{encoder.channels} features into embeddings of 1024 numbers. {_size(encoder)}",
        "## Trained on",
        f"{encoder.samples} samples (data {encoder.data[:16]}), calibration "
        f"{encoder.statistics.calibration}, normalised with:",
        _features(encoder),
        "Cubes made by: " + listed(encoder.recipe),
        f"## Health, on {health}",
        "`std` is the spread of the embeddings' directions (0 all alike, 1 even), `cosine` their "
        "mean cosine, `rank` the effective rank (Roy and Vetterli 2007).",
        table([{name: f"{value:.4g}" for name, value in row.items()} for row in history]),
        "## Settings",
        f"Seed {encoder.seed}; network: {listed(encoder.settings)}; training: "
        f"{listed(encoder.training)}",
        "## Beware",
        bullets(_caveats(encoder)),
        "## Versions",
        listed(encoder.versions) + f"; code {encoder.code or 'unknown'}",
    ]
    with whole_file(path) as target:
        target.write_text("\n\n".join(sections) + "\n")


def _caveats(encoder: EncoderFile) -> list[str]:
    if LAST_LAYER not in encoder.weights:
        return list(GENERAL_CAVEATS)
    numbers, inputs = encoder.weights[LAST_LAYER].shape
    own = (
        f"The embedding is one linear layer on {inputs} numbers: its rank is at most {inputs}, and "
        f"one for the bias, of {numbers} numbers. A rotation to {inputs} loses nothing."
    )
    return [own, *GENERAL_CAVEATS]


def _size(encoder: EncoderFile) -> str:
    numbers = sum(weights.size for weights in encoder.weights.values())
    return f"{numbers:,} weights and buffers."


def _features(encoder: EncoderFile) -> str:
    numbers = encoder.statistics
    return table(
        [
            {
                "feature": name,
                "unit": numbers.units[name],
                "mean": f"{mean:.4g}",
                "std": f"{std:.4g}",
            }
            for name, mean, std in zip(numbers.features, numbers.mean, numbers.std, strict=True)
        ]
    )
