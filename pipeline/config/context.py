"""What a command is handed of where and when it runs, made once, where a run begins."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config.config import Config, load_config
from pipeline.config.knobs import NO_ADDRESS, NO_REMOTE
from pipeline.config.settings import CONFIG
from pipeline.data.files import is_path
from pipeline.system.package import PACKAGE


@dataclass(frozen=True)
class Context:
    """A project: its configuration, whose paths hold from here; its folder, which is that of
    `config.yaml`; and the clock, in seconds since 1970.
    """

    config: Config
    root: Path = Path()
    clock: Callable[[], float] = time.time

    @classmethod
    def of(cls, root: Path = Path()) -> Context:
        """The project in a folder; raises Invalid if its configuration is wrong."""
        return cls(_from_here(load_config(root / CONFIG), root), root)

    @classmethod
    def found(cls) -> Context:
        """The project of a caller who names none: that of this folder if it has a configuration,
        or else the clone that this code stands in, so that notebooks in any folder share its
        kernels, or else this folder with all defaults.
        """
        is_clone = (PACKAGE.parent / "pyproject.toml").is_file()
        return cls.of(PACKAGE.parent if is_clone and not Path(CONFIG).is_file() else Path())

    def at(self, name: str) -> Path:
        """A file of the project, by its path from the root: see `config.paths`."""
        return self.root / name


def _from_here(config: Config, root: Path) -> Config:
    """The configuration of a project in a folder, its relative paths with that folder."""
    if root == Path():
        return config

    def moved(path: str) -> str:
        return (root / path).as_posix()

    corpora = (
        c._replace(path=c.path and moved(c.path), libraries=tuple(map(moved, c.libraries)))
        for c in config.corpora
    )
    data = (moved(name) if is_path(name) else name for name in config.data)
    own = (tuple(map(moved, paths)) for paths in (config.primitives, config.libraries))
    primitives, libraries = own
    remote = config.cache.remote
    remote = remote if remote == NO_REMOTE or "://" in remote else moved(remote)
    cache = replace(config.cache, dir=moved(config.cache.dir), remote=remote)
    cluster = config.cluster
    if cluster.scheduler_file != NO_ADDRESS:
        cluster = replace(cluster, scheduler_file=moved(cluster.scheduler_file))
    return replace(
        config,
        corpora=tuple(corpora),
        data=tuple(data),
        primitives=primitives,
        libraries=libraries,
        cache=cache,
        cluster=cluster,
    )
