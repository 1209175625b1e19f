"""Stand-in with the final interface; the passes replace its body."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend.units import Unit


@dataclass(frozen=True, slots=True)
class Compiled:
    """What one unit compiles to: `code` and `source_map` (JSON text), or None and why in `diagnostics`."""

    code: str | None
    source_map: str
    diagnostics: tuple[Diagnostic, ...]


def compile_unit(unit: Unit) -> Compiled:
    """Compile one solver; never raises for bad input."""
    if "BROKEN" in unit.text:
        return Compiled(
            None, "{}", (Diagnostic(Span(unit.path, unit.first_line, 1), "stub", "broken"),)
        )
    body = [
        line for line in unit.text.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    return Compiled("\n".join(body) + "\n", json.dumps({"first_line": unit.first_line}), ())
