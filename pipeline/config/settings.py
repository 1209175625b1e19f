"""The part of `config.yaml` that the graph needs, without reading YAML on every run.

`import yaml` and the checks of the configuration cost 25 ms, a fifth of a null build. What they
found is a fact of the records, keyed by the bytes of the file and of the code that reads it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.system.problem import Problem
from pipeline.system.stamp import digest, python_files

if TYPE_CHECKING:
    from pipeline.config.config import Config
    from pipeline.config.knobs import Corpus

CONFIG = "config.yaml"
READERS = ("config.py", "knobs.py", "vocabularies.py", "yaml_nodes.py", "settings.py")


class Settings(NamedTuple):
    """What the graph does: `corpora` are (name, path) in order of precedence, `dialects` those of
    corpora that have one, `own_data` the data sets that are files of the user's, `given` all paths
    of the user's, `cache` the cache's folder, `primitives` where rows of the project's own are,
    `row_stamps` the stamps of their files, `rows` what each row depends on, `libraries` those of
    corpora that may use some.
    """

    corpora: list[list[str]]
    dialects: dict[str, str]
    builtin: list[str]
    battery: str
    cache: str
    limit: int
    program: str
    most_nodes: int
    own_data: list[str]
    primitives: list[str]
    row_stamps: dict[str, int]
    rows: dict[str, str]
    libraries: dict[str, list[str]]
    given: list[str]
    digest: str


def key(package: str) -> str:
    """The hash of the configuration and of the code that reads it."""
    paths = [CONFIG, *(f"{package}/config/{name}" for name in READERS)]
    return digest(b"\0".join(_bytes(path) for path in paths))


def load_settings(wanted: str, known: dict[str, Any] | None) -> tuple[Settings, dict[str, Any]]:
    """The settings and the fact to record; raises Invalid if the configuration is wrong.

    `wanted` is the present `key`, `known` the fact of an earlier run.
    """
    if known is not None and known["key"] == wanted:
        settings = Settings(**known["settings"])
        if all(map(os.path.exists, settings.given)) and has_rows(settings):
            return settings, known
    settings = _read(wanted)
    return settings, {"key": wanted, "settings": settings._asdict()}


def has_rows(settings: Settings) -> bool:
    """Whether the files of rows are those that the settings know."""
    return python_files(settings.primitives) == settings.row_stamps


class RowsChanged(Problem):
    """Files of rows changed while solvers were built with them."""

    def __init__(self) -> None:
        super().__init__(
            "primitives: a file changed while solvers were built with it: run it again"
        )


def require_rows(settings: Settings) -> None:
    """RowsChanged where the files of rows are no longer those that the settings know: what was made
    may be of either, and is not to be kept.
    """
    if not has_rows(settings):
        raise RowsChanged


def _read(wanted: str) -> Settings:
    from pipeline.config.config import config_keys, load_config
    from pipeline.data.files import is_path

    config = load_config(CONFIG)
    own_data = [name for name in config.data if is_path(name)]
    stamps, rows = _rows_of(config)
    named = ((c.name, config.libraries_of(c.name)) for c in config.corpora)
    libraries = {name: list(paths) for name, paths in named if paths}
    return Settings(
        corpora=[[c.name, path_of(config, c)] for c in config.corpora],
        dialects={c.name: config.dialect_of(c.name) for c in config.corpora if c.dialect},
        builtin=[c.builtin for c in config.corpora if c.builtin],
        battery=config.battery,
        cache=config.cache.dir,
        limit=config.cache.max_mib * 1024 * 1024,
        program=config_keys(config, "program"),
        most_nodes=config.program.max_nodes,
        own_data=own_data,
        primitives=list(config.primitives),
        row_stamps=stamps,
        rows=rows,
        libraries=libraries,
        given=[*(c.path for c in config.corpora if c.path), *own_data, *config.primitives]
        + [path for paths in libraries.values() for path in paths],
        digest=wanted,
    )


def _rows_of(config: Config) -> tuple[dict[str, int], dict[str, str]]:
    """The stamps of the files of rows, and what each row depends on."""
    if not config.primitives:
        return {}, {}
    from pipeline.primitives.table import own_rows

    return python_files(config.primitives), dict(own_rows().digests)


def path_of(config: Config, corpus: Corpus) -> str:
    """The file or folder of a corpus."""
    from pipeline.data.corpora import corpus_path

    return corpus_path(config.cache.dir, corpus.builtin) if corpus.builtin else corpus.path


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
