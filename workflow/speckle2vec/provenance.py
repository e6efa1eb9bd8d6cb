"""Where randomness, fingerprints and versions come from."""

import ast
import hashlib
import importlib.metadata
from functools import cache
from pathlib import Path

import numpy as np

PACKAGE = "speckle2vec"
_NOT_COUNTED = ("settings", "cli", "commands", "errors", "choices")


def stream_seed(seed: int, *stream: str | int) -> int:
    """Derive the seed of a named stream, 63 bits, from the seed of the settings.

    Args:
        seed: The seed in the settings.
        stream: What the stream is for, such as `"views", epoch, step`.
    """
    text = "/".join([str(seed), *map(str, stream)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, *stream: str | int) -> np.random.Generator:
    """A NumPy generator (PCG64) for a named stream."""
    return np.random.Generator(np.random.PCG64(stream_seed(seed, *stream)))


def versions(*distributions: str) -> dict[str, str]:
    """Installed versions of this package and of the distributions named."""
    return {name: _version(name) for name in (PACKAGE, *distributions)}


@cache
def _version(name: str) -> str:
    """Read once: a plan asks for every shard."""
    return importlib.metadata.version(name)


def fingerprint(*modules: str) -> str:
    """Digest of the code that modules reach along imports inside the package.

    Comments, docstrings, formatting and the settings' own code do not count: what
    is left is what can change a product.

    Args:
        modules: Dotted names, such as `speckle2vec.preprocess.shard`.
    """
    reached: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting.extend(_parse(module)[1])
    digests = [f"{module} {_parse(module)[0]}" for module in sorted(reached)]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]


@cache
def _parse(module: str) -> tuple[str, tuple[str, ...]]:
    """Digest of one module without its docstrings, and what it imports of the package."""
    path = _source(module)
    if path is None:
        raise ModuleNotFoundError(f"No module {module!r} to take a fingerprint of.")
    text = path.read_text()
    return hashlib.sha256(code_only(text).encode()).hexdigest(), tuple(_imports(ast.parse(text)))


def code_only(text: str) -> str:
    """Python source as what it does: without comments, docstrings and formatting."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        _drop_docstring(node)
    return ast.unparse(tree)


def _drop_docstring(node: ast.AST) -> None:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(node, holders):
        node.body = [line for line in node.body if not _is_text(line)] or [ast.Pass()]


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _imports(tree: ast.Module) -> list[str]:
    names = {name for node in ast.walk(tree) for name in _imported_names(node)}
    return sorted(name for name in names if _counts(name) and _source(name))


def _imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _counts(name: str) -> bool:
    package, _, rest = name.partition(".")
    return package == PACKAGE and rest.split(".")[0] not in _NOT_COUNTED


@cache
def _source(module: str) -> Path | None:
    """The file of a module of the package, found without importing anything."""
    path = Path(__file__).parent.parent.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
