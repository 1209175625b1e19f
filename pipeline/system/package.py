"""Where our own code is: what fingerprints read, and what processes that we start import.

Nothing of the user's is ever looked for here: that is below the folder of `config.yaml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]
"""The folder of the package."""
