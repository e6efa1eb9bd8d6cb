"""The viewer: TensorBoard and its embedding projector, for this machine only."""

import http.client
import logging
import time
import webbrowser
from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER
from speckle2vec.report.explorer.files import explorer_folder

HOST = "127.0.0.1"
HIGHEST_PORT = 65535


def explore(folder: Path, port: int, browser: bool) -> None:
    """Show embeddings until Ctrl-C.

    Args:
        folder: Folder of the viewer's files, or one that Snakemake has worked in.
        port: Port to listen on, on this machine only; 0 takes any that is free.
        browser: Whether to open the page in the browser.

    Raises:
        UserError: There is no such folder, no viewer is installed, or the port is taken.
    """
    found = explorer_folder(folder)
    try:
        address = start(found, port)
        LOGGER.info("%s: open %s and press Ctrl-C to end", found, address)
        if browser:
            webbrowser.open(address)
        while True:  # a Ctrl-C that comes just before a wait without end would not end it
            time.sleep(1)
    except KeyboardInterrupt:
        LOGGER.info("The explorer is closed.")


def start(folder: Path, port: int) -> str:
    """Start the viewer, which lives as long as this process.

    Args:
        folder: Folder of the viewer's files.
        port: Port to listen on; 0 takes any that is free.

    Returns:
        The address of the page.

    Raises:
        UserError: No viewer is installed, or the port is taken or none.
    """
    if not 0 <= port <= HIGHEST_PORT:
        raise UserError(f"{port} is no port; name one from 0 to {HIGHEST_PORT} by --port.")
    try:
        from tensorboard import default, program
    except ModuleNotFoundError:
        raise UserError(
            "The explorer is shown by TensorBoard, which is not installed; run "
            '`pip install -c constraints.txt ".[explore]"` and the same command again.'
        ) from None
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    viewer = program.TensorBoard(default.get_plugins())
    viewer.configure(logdir=str(folder), host=HOST, port=port, load_fast="false")
    try:
        address = str(viewer.launch())
    except program.TensorBoardPortInUseError:
        raise UserError(
            f"Port {port} of this machine is taken, perhaps by another explorer; name another by "
            "--port, or 0 for any that is free."
        ) from None
    except program.TensorBoardServerException as error:
        raise UserError(f"The viewer cannot listen on port {port}: {error.msg}.") from None
    _wake(address)
    return f"{address}#projector"


def _wake(address: str) -> None:
    """Ask which views there are: the viewer looks for embeddings when it is first asked."""
    place, _, _ = address.removeprefix("http://").partition("/")
    asked = http.client.HTTPConnection(place, timeout=60)
    asked.request("GET", "/data/plugins_listing")
    asked.getresponse().read()
    asked.close()
