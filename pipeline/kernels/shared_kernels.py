"""Kernels from the cache that machines share, and to it: what one has compiled, the next need not.

Only kernels are there: each takes 0.3 s and more to compile, 60 s together. A solver takes 2 or 3
ms, less than a request.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from pipeline.config.config import Config
from pipeline.config.knobs import NO_REMOTE
from pipeline.kernels.store import Target, place_of
from pipeline.system.atomic import write_atomic
from pipeline.system.progress import working
from pipeline.system.remote import Remote


class SharedCache(NamedTuple):
    """Where the shared cache is, for any machine; empty for none."""

    address: str = ""
    is_read_only: bool = True


NOT_SHARED: Final = SharedCache()


def shared_in(config: Config) -> SharedCache:
    """The shared cache of a configuration."""
    address = config.cache.remote
    if address == NO_REMOTE:
        return NOT_SHARED
    if "://" not in address:
        address = str(Path(address).absolute())
    return SharedCache(address, config.cache.remote_access == "read")


def remote_of(shared: SharedCache) -> Remote:
    """The shared cache; one that is never asked if there is none."""
    tell = partial(print, file=sys.stderr, flush=True)
    return Remote(shared.address, tell, shared.is_read_only)


def fetch_kernels(remote: Remote, folder: Path, missing: Sequence[str], target: Target) -> int:
    """Fetch those kernels that the shared cache has; gives how many these were."""
    if remote.is_given_up or not missing:
        return 0
    places = {_entry(folder, name, target): place_of(folder, name, target) for name in missing}
    with working(f"asking {remote.address} for {len(places)} kernels"):
        found = remote.fetch(places)
    for entry, data in found.items():
        write_atomic(places[entry], data)
    return len(found)


def put_kernels(remote: Remote, folder: Path, compiled: Sequence[str], target: Target) -> None:
    """Give the shared cache what was compiled here."""
    if remote.is_given_up or remote.read_only or not compiled:
        return
    with working(f"giving {len(compiled)} kernels to {remote.address}"):
        remote.put(
            {
                _entry(folder, name, target): place_of(folder, name, target).read_bytes()
                for name in compiled
            }
        )


def _entry(folder: Path, name: str, target: Target) -> str:
    """What a kernel is called there: as in its folder, whose name is a hash too."""
    return f"kernels/{target.folder}/{place_of(folder, name, target).name}"
