"""What the files of the viewer are called, and where a folder of them stands."""

from pathlib import Path

from speckle2vec.errors import UserError

TENSORS = "tensors.bytes"
ROWS = "metadata.tsv"
SPRITE = "sprite.jpg"
CONFIG = "projector_config.pbtxt"
"""The one name that the viewer looks for."""
MADE = Path("results/explorer")


def explorer_folder(folder: Path) -> Path:
    """The folder of the viewer's files.

    Args:
        folder: Such a folder itself, or one that Snakemake has worked in and that holds one.

    Raises:
        UserError: There is none, there are several, or a file of it is missing.
    """
    if (folder / CONFIG).is_file():
        return _whole(folder)
    made = folder / MADE
    found = sorted(path.parent for path in made.glob(f"*/*/*/{CONFIG}"))
    if not found:
        raise UserError(
            f"{made}: holds nothing to explore yet; make it by `snakemake --cores all explorer`, "
            "or name the folder of another run by --folder."
        )
    if len(found) > 1:
        names = ", ".join(map(str, found))
        raise UserError(f"{made}: holds several models; name one by --folder: {names}.")
    return _whole(found[0])


def _whole(folder: Path) -> Path:
    missing = [name for name in (TENSORS, ROWS, SPRITE) if not (folder / name).is_file()]
    if missing:
        raise UserError(
            f"{folder}: lacks {', '.join(missing)}, so that there is nothing to show; remove "
            f"{CONFIG} there and run `snakemake --cores all explorer` again."
        )
    return folder
