"""The stage: what a linear probe makes of a code, by the road of all other embeddings."""

from collections.abc import Iterable
from pathlib import Path

from speckle2vec.evaluate.probes.run import probe
from speckle2vec.products.codes import decoded
from speckle2vec.products.embeddings import write_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.whole import scratch_folder
from speckle2vec.settings.root import Settings


def probe_code(
    settings: Settings, codes: Path, encoder: Path, target: Path, catalogue: Path, output: Path
) -> None:
    """Decode a file of codes, fit a probe on its training blocks and ask it unseen ones.

    Args:
        settings: All settings; the group `probes` counts, and the seed.
        codes: The file of codes.
        encoder: The encoder's file, of which the codes have to be.
        target: What is asked, `results/probes/{label}/target.parquet`.
        catalogue: The merged catalogue, whose blocks, splits and verdict count.
        output: The probe to write.

    Raises:
        UserError: The codes are of another encoder, or what `evaluate.run.probe` refuses.
    """
    with scratch_folder(output) as folder:
        keys = tuple(_unpacked(codes, encoder, folder))
        probe(settings, keys, target, catalogue, folder, output, catalogued=())


def _unpacked(codes: Path, encoder: Path, folder: Path) -> Iterable[ShardKey]:
    """Write what a code stands for as parts of embeddings."""
    for number, (ids, values) in enumerate(decoded(codes, encoder)):
        key = ShardKey(codes.stem, f"{number:06d}")
        write_embeddings(key.part(folder, ".parquet"), ids.tolist(), values, {})
        yield key
