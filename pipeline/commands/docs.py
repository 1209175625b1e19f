"""The command `docs`: write the pages and pictures of `docs/` that are made from the code."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.commands.pictures import pictures
from pipeline.config.config import describe
from pipeline.config.context import Context
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import FAMILIES
from pipeline.report.reference_pages import configuration_page, primitives_page
from pipeline.system.atomic import write_atomic

FOLDER: Final = "docs"


def pages() -> dict[str, str]:
    """The text of each page that is made, by its path."""
    return {
        f"{FOLDER}/configuration.md": configuration_page(describe()),
        f"{FOLDER}/primitives.md": primitives_page(FAMILIES, CONSTANTS),
    }


def write_pages(context: Context) -> int:
    """Write the pages and pictures that are not as they should be, and say which; 0. Pictures need
    the solvers that they show.
    """
    made = pages()
    try:
        made |= pictures(context)
    except FileNotFoundError as error:
        print(f"docs: pictures are left as they are: there is no {error.filename}")
    for path, text in made.items():
        done = "up to date"
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if not _has(path, text):
            write_atomic(path, text.encode())
            done = "written"
        print(f"docs: {path} {done}")
    return 0


def _has(path: str, text: str) -> bool:
    try:
        return Path(path).read_bytes() == text.encode()
    except FileNotFoundError:
        return False
