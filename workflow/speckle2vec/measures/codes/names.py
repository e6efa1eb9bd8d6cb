"""What the names of codes mean, such as `float16`, `pca128-int8` or `pca64-pq16`.

Nothing heavy is imported: settings are checked by it.
"""

import re
from typing import NamedTuple

FLOATS = ("float32", "float16")
RANGES = ("int8", "int4")
SIGNS = "binary"
PRODUCTS = "pq"
_NAME = re.compile(
    r"(?:pca([1-9][0-9]*)-)?(?:(float32|float16|int8|int4|binary)|pq([1-9][0-9]*)(?:x([4-8]))?)"
)


class CodeName(NamedTuple):
    """A code's name, taken apart."""

    components: int
    """Dimensions after PCA; 0 without."""
    kind: str
    """`float32`, `float16`, `int8`, `int4`, `binary` or `pq`."""
    parts: int
    """Parts of a product code, each with a codebook of its own; 0 for the others."""
    bits: int
    """Bits of each part of a product code; 0 for the others."""


def parse_code(name: str, width: int) -> CodeName:
    """Take the name of a code apart.

    Args:
        name: `{kind}` or `pca{components}-{kind}`, where the kind is `float32`, `float16`, `int8`,
            `int4` (4 bits a dimension), `binary` (1 bit), or `pq{parts}` and `pq{parts}x{bits}`:
            product codes of so many parts of 8 bits, or of 4 to 8.
        width: Dimensions of the embedding.

    Raises:
        ValueError: There is no such code, or the dimensions cannot be dealt to the parts.
    """
    found = _NAME.fullmatch(name)
    if not found:
        raise ValueError(
            f"there is no code {name!r}; codes are called float32, float16, int8, int4, binary or "
            "pq16 (16 parts of 8 bits; pq16x4 of 4), or that after PCA, such as pca64-int8"
        )
    components, kind, parts, bits = found.groups()
    code = CodeName(
        int(components or 0), kind or PRODUCTS, int(parts or 0), int(bits or 8) * bool(parts)
    )
    _check(name, code, width)
    return code


def _check(name: str, code: CodeName, width: int) -> None:
    if code.components > width:
        raise ValueError(f"{name!r} asks for more components than the {width} of an embedding")
    dimensions = code.components or width
    if code.parts and dimensions % code.parts:
        raise ValueError(
            f"{name!r} deals {dimensions} dimensions to {code.parts} parts, which does not come "
            "out even"
        )
