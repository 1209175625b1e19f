"""Execute a notebook where there is no network.

    python -m tests.notebooks NOTEBOOK EXECUTED      # runs it, writes it with its outputs

The kernel talks over sockets in a folder, so it needs no network device of its own.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.tiny_wheels import DEAD

SECONDS = 300


@cache
def without_network() -> tuple[str, ...]:
    """What starts a command that has no network; nothing where the system does not allow that."""
    for words in (("unshare", "-n"), ("unshare", "-rn")):
        try:
            if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
                return words
        except OSError:
            pass
    return ()


def executed(path: Path, work: Path) -> Any:
    """The notebook after a run in its folder, in a process of its own, up to what failed."""
    import nbformat

    made = work.with_name(f"{work.name}-executed.ipynb")
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), DEAD)
    subprocess.run(
        [*without_network(), sys.executable, "-m", "tests.notebooks", str(path), str(made)],
        env={**os.environ, **proxies, "ARC_WORK": str(work)},
        cwd=Path(__file__).resolve().parents[1],
        check=True,
    )
    return nbformat.read(made, 4)


def main(path: str, made: str) -> None:
    """Execute a notebook, whatever its cells do."""
    import nbformat
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    with tempfile.TemporaryDirectory(prefix="arc-") as folder:
        manager = AsyncKernelManager(transport="ipc", ip=f"{folder}/kernel")
        place = {"metadata": {"path": str(Path(path).parent)}}
        client = NotebookClient(notebook, manager, timeout=SECONDS, resources=place)
        try:
            client.execute()
        except CellExecutionError:
            pass  # what the cell said is in the notebook
        finally:
            asyncio.run(manager.shutdown_kernel(now=True))
    nbformat.write(notebook, made)


if __name__ == "__main__":
    main(*sys.argv[1:])
