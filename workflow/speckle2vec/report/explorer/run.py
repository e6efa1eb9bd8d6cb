"""The stage: embeddings as the files of TensorBoard's embedding projector."""

from collections.abc import Sequence
from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.products.accepted import read_accepted
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import read_statistics
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER
from speckle2vec.report.classes import read_cover
from speckle2vec.report.explorer.files import CONFIG, ROWS, SPRITE, TENSORS
from speckle2vec.report.explorer.sprite import write_sprite
from speckle2vec.report.explorer.table import write_rows
from speckle2vec.report.explorer.vectors import DIRECTIONS, write_tensors
from speckle2vec.report.samples import COLUMNS, SampleProducts, Shown, shown_samples
from speckle2vec.settings.root import Settings

MOST = 100_000
"""The viewer reads so many samples."""
FEWEST = 2


def make_explorer(
    settings: Settings, keys: Sequence[ShardKey], products: SampleProducts, folder: Path
) -> None:
    """Write what the viewer reads: vectors, a table, small pictures, and its config, the last.

    Of more than `report.points` samples so many are drawn by the seed, those of the page.
    Memory holds what the catalogue says of all samples, and the embeddings and the pictures of
    those that are shown.

    The viewer itself reads at most 100,000 samples and pictures of 8192 x 8192 pixels. It
    reduces vectors of more than 200 numbers at random before it draws their principal
    components, takes 10,000 samples at most for t-SNE and 5,000 for UMAP, and finds neighbours
    among all it was given, by the numbers it was given.

    Args:
        settings: `seed` and `report.points` count.
        keys: The shards.
        products: What it is made of.
        folder: `results/explorer/{features}/{method}/{encoder}`.

    Raises:
        UserError: A product is missing or damaged, two are not of one run, or nothing is there
            to be compared.
    """
    (folder / CONFIG).unlink(missing_ok=True)
    samples = read_accepted(products.catalogue, COLUMNS, keys)
    most = min(settings.report.points, MOST)
    shown = shown_samples(keys, products.embeddings, samples, most, settings.seed)
    _check(shown, products.embeddings)
    share = write_tensors(shown.embeddings, folder / TENSORS)
    labels = products.labels
    cover = None if labels is None else read_cover(keys, labels, samples)
    write_rows(shown, cover, folder / ROWS)
    statistics, total = read_statistics(products.statistics), len(shown.ids)
    side = write_sprite(products.cubes, shown.by_shard(), statistics, folder / SPRITE)
    with whole_file(folder / CONFIG) as target:
        target.write_text(_config(total, side))
    LOGGER.info(
        "%s: %d of %d samples in %d directions, which carry %.2f %% of their squared lengths",
        folder, total, shown.total, DIRECTIONS, 100 * share,
    )  # fmt: skip


def _check(shown: Shown, folder: Path) -> None:
    if len(shown.ids) < FEWEST:
        raise UserError(f"{folder}: holds one embedding, and the explorer compares two and more.")
    if not shown.embeddings.any():
        raise UserError(
            f"{folder}: every embedding is 0, so there is nothing to compare; train the encoder "
            "anew and look at its history.csv."
        )


def _config(samples: int, side: int) -> str:
    """The viewer's config, a `ProjectorConfig` as protobuf writes it in text.

    The same vectors stand in it twice: colours are laid over pictures, and tell more on points.
    """
    sprite = f'''  sprite {{
    image_path: "{SPRITE}"
    single_image_dim: {side}
    single_image_dim: {side}
  }}
'''
    return _shown(samples, "pictures", sprite) + _shown(samples, "points")


def _shown(samples: int, name: str, sprite: str = "") -> str:
    return f"""embeddings {{
  tensor_name: "{name}"
  tensor_shape: {samples}
  tensor_shape: {DIRECTIONS}
  tensor_path: "{TENSORS}"
  metadata_path: "{ROWS}"
{sprite}}}
"""
