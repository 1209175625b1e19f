"""From marked functions to a backend's forms of them.

A function marked `row.compiled` is plain Python that calls others like it. `Binder` gives a
backend's form of one: a copy for which the functions that it names are replaced by their forms.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Mapping
from types import FunctionType, MappingProxyType
from typing import Any


class Binder:
    """A backend's forms of marked functions, each made once.

    decorate: makes the form of a copy. replace: what stands in place of a function, to be decorated
    too, or None. builtins: what stands in place of Python's own, by name.
    """

    def __init__(
        self,
        decorate: Callable[[Any], Any],
        replace: Callable[[Any], Any] = lambda function: None,
        builtins: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.decorate = decorate
        self.replace = replace
        self.builtins = dict(builtins)
        self.made: dict[Any, Any] = {}

    def of(self, function: Any) -> Any:
        """The form of a marked function."""
        if function not in self.made:
            found = self.replace(function)
            self.made[function] = self.decorate(self.bound(function) if found is None else found)
        return self.made[function]

    def bound(self, function: Any) -> Any:
        """A copy of a function that calls the forms of those it names."""
        scope = dict(function.__globals__)
        for name in _globals_of(function):
            if hasattr(scope.get(name), "is_compiled"):
                scope[name] = self.of(scope[name])
        code = function.__code__
        for name in self.builtins.keys() & set(code.co_names):
            # Under another name: Numba minds if a builtin's own stands for something else.
            names = [f"own_{name}" if known == name else known for known in code.co_names]
            code, scope[f"own_{name}"] = code.replace(co_names=tuple(names)), self.builtins[name]
        copy = FunctionType(code, scope, function.__name__, function.__defaults__)
        copy.__module__ = function.__module__
        copy.__qualname__ = function.__qualname__
        return copy


def _globals_of(function: Any) -> set[str]:
    """The global names that a function loads; `m.integer` names an attribute, not a global."""
    found = dis.get_instructions(function.__code__)
    return {str(i.argval) for i in found if i.opname == "LOAD_GLOBAL"}
