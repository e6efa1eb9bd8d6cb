"""Commands that draw what segmenters say: maps and pages of pictures.

Stages are imported when their command runs: none pays for another's libraries.
"""

import argparse

from speckle2vec.commands.base import Command, key_of, keys_of
from speckle2vec.errors import UserError
from speckle2vec.settings.root import Settings


def _map(settings: Settings, given: argparse.Namespace) -> None:  # noqa: ARG001
    if sum(1 for one in (given.sample, given.shard, given.bounds) if one) != 1:
        raise UserError(
            "Say what the map shall show by one of --sample (several times for neighbours), "
            "--shard and --bounds."
        )
    if given.output == given.probabilities:
        raise UserError(f"{given.output}: is named for both files; name two.")
    import torch

    from speckle2vec.landcover.finetuning.segment import load_segmenter
    from speckle2vec.landcover.maps.mapped import find_samples
    from speckle2vec.landcover.maps.run import write_map
    from speckle2vec.landcover.maps.wanted import Wanted

    torch.set_num_threads(given.threads)
    shard = key_of(given.shard) if given.shard else None
    bounds = tuple(given.bounds) if given.bounds else None
    segmenter = load_segmenter(given.segmenter)
    wanted = Wanted(tuple(given.sample or ()), shard, bounds)
    features = segmenter.file.encoder.recipe.get("feature_set", "")
    samples = find_samples(given.catalogue, given.cubes, wanted, features)
    write_map(segmenter, given.cubes, samples, given.output, given.probabilities)


def _patches(settings: Settings, given: argparse.Namespace) -> None:
    import torch

    from speckle2vec.landcover.finetuning.segment import load_segmenter
    from speckle2vec.landcover.pages.patches_page import draw_patches

    torch.set_num_threads(settings.embed.threads)
    keys = keys_of(settings, given.shards, given.made)
    segmenter = load_segmenter(given.segmenter)
    draw_patches(
        settings, keys, segmenter, given.cubes, given.labels, given.catalogue, given.output
    )


def _corpus(settings: Settings, given: argparse.Namespace) -> None:
    from speckle2vec.landcover.pages.corpus_page import draw_corpus

    keys = keys_of(settings, given.shards, given.made)
    draw_corpus(settings, keys, given.cubes, given.labels, given.catalogue, given.output)


COMMANDS: dict[str, Command] = {
    "map": Command("map the classes of a sample, or of neighbouring samples, as a GeoTIFF",
                   ("segmenter", "cubes", "catalogue", "sample", "shard", "bounds", "threads",
                    "output", "probabilities"),
                   _map, configured=False, optional=("shard",)),
    "landcover-patches": Command("draw test patches: image, labels, prediction and error",
                                 ("shards", "segmenter", "cubes", "labels", "catalogue",
                                  "output"), _patches),
    "landcover-corpus": Command("draw samples of the corpus: Sentinel-2, Sentinel-1, labels",
                                ("shards", "cubes", "labels", "catalogue", "output"), _corpus),
}  # fmt: skip
