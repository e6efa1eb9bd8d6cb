"""Folders and URLs alike: where raw data lie, and which files are there."""

from pathlib import Path, PurePosixPath

from speckle2vec.errors import UserError


def is_url(location: str) -> bool:
    """Whether a location is a URL that fsspec reads, and no local path."""
    return "://" in location


def locate(data: str, path: str) -> str:
    """The location of a corpus.

    Args:
        data: Folder or URL that relative paths start from (the setting `data`).
        path: The corpus's own path: a URL, an absolute path (`~` is the home), or a
            path relative to `data`.
    """
    if is_url(path):
        return path.rstrip("/")
    local = expanded(path)
    if local.is_absolute():
        return str(local)
    if is_url(data):
        return "/".join((data.rstrip("/"), *PurePosixPath(path).parts))
    return str(expanded(data) / local)


def expanded(path: str) -> Path:
    """A path with the home it begins in; as it is where nobody knows that home.

    Whoever looks for it then says in a sentence that it is not there.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def find_files(root: str, pattern: str) -> list[str]:
    """Paths below a folder or URL that match a glob, relative to it and sorted.

    Nothing is opened: a folder is listed once.

    Raises:
        UserError: There is no such folder, or its kind of URL cannot be read here.
    """
    if is_url(root):
        from speckle2vec.readers.remote import find_remote

        return find_remote(root, pattern)
    folder = Path(root)
    if not folder.is_dir():
        raise UserError(
            f"{root}: there is no such folder; correct `path` (or `folders`) of the corpus."
        )
    try:
        found = [path for path in folder.glob(pattern) if path.is_file()]
    except (NotImplementedError, ValueError) as error:
        raise UserError(
            f"{root}: {pattern!r} is no glob below this folder ({error}); write `files` such as "
            "`**/*.tif`, and the folder as `path`."
        ) from error
    return sorted(path.relative_to(folder).as_posix() for path in found)
