"""Products that a store keeps, where the commands of this package look for them."""

from pathlib import Path
from typing import Protocol

from speckle2vec.errors import UserError

RESULTS = Path("results")


class Stored(Protocol):
    """What Snakemake's storage plugins say of a folder in a store."""

    query: str

    def is_valid_query(self) -> object:
        """What is wrong with its address; true where nothing is."""
        ...

    def exists(self) -> bool:
        """Whether the store holds it."""
        ...

    def local_path(self) -> Path:
        """Where jobs have their copies of what it holds."""
        ...


def link_results(stored: Stored, results: Path = RESULTS) -> None:
    """Let `results` be the folder in which jobs have their copies of what a store holds.

    Args:
        stored: The folder of the products in the store.
        results: Where commands look for products.

    Raises:
        UserError: The prefix is no address of the store, that cannot be read, or there is
            another folder, or another run's link.
    """
    from speckle2vec.readers.remote_trouble import trouble_told

    if not (told := stored.is_valid_query()):
        raise UserError(
            f"`--default-storage-prefix`: {told}; give the whole address of a folder in the "
            "store, such as s3://bucket/NAME."
        )
    with trouble_told(stored.query):
        stored.exists()
    copies = stored.local_path().absolute()
    copies.mkdir(parents=True, exist_ok=True)
    try:
        results.symlink_to(copies)
    except FileExistsError:
        if results.resolve() != copies.resolve():
            raise UserError(
                f"{results.absolute()}: holds products of a run that kept them elsewhere, and "
                "would hide those of this one; run in another folder (`snakemake --directory "
                "runs/NAME ...`), or move it away."
            ) from None
