"""Puts the stub in the place of the CUDA driver, in every process that finds this folder first.

Python imports this module by its name when it starts; `ARC_STUB` says which devices there are.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

PACKAGE = "cuda.bindings"
DRIVER = f"{PACKAGE}.driver"


class _Stub(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Only for the driver."""
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == DRIVER else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        """The stub, as the module; what it has not is the real one's."""
        from tests.stub_driver import driver_of

        found = importlib.machinery.PathFinder.find_spec(spec.name, sys.modules[PACKAGE].__path__)
        assert found is not None
        assert found.loader is not None
        real = importlib.util.module_from_spec(found)
        found.loader.exec_module(real)
        stub = driver_of(os.environ["ARC_STUB"])
        stub.real = real
        return stub

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


if os.environ.get("ARC_STUB"):
    sys.meta_path.insert(0, _Stub())
