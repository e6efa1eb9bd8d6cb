"""What jobs are told by files that are named by their content."""

import hashlib
from pathlib import Path

from speckle2vec.products.whole import whole_file

WRITTEN = Path("results/settings")


def written(text: str, suffix: str) -> Path:
    """A text as a file, named by content, so that no other run can change it."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = WRITTEN / f"{digest}{suffix}"
    if not path.exists():
        with whole_file(path) as target:
            target.write_text(text)
    return path
