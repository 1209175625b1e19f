"""What the CUDA packages that are installed are, and for which GPUs they compile."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from pipeline.engine.cuda.target import nvvm

PACKAGES = ("numba", "numba-cuda", "cuda-bindings")


def package_versions() -> dict[str, str]:
    """The versions of the packages, empty where one is missing, and what has NVVM."""
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return {**found, "NVVM": nvvm()} if found["numba-cuda"] else found


def supported_capabilities() -> list[tuple[int, int]]:
    """The compute capabilities that Numba CUDA compiles for, ascending; none if it can't say."""
    try:
        from numba.cuda.cudadrv.nvrtc import get_supported_ccs
    except ImportError:
        from numba.cuda.cudadrv.nvvm import get_supported_ccs
    return sorted((int(major), int(minor)) for major, minor in get_supported_ccs())


def closest_capability(
    capability: tuple[int, int], supported: list[tuple[int, int]]
) -> tuple[int, int] | None:
    """The newest supported one that is no newer: PTX for it runs there. None if there is none."""
    return max((known for known in supported if known <= capability), default=None)
