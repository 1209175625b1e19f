"""A launch in a process of its own: whether it fails there.

After most errors of a kernel nothing more can be done with a GPU in the process that launched it.
So what made a launch fail is looked for in others, each of which may be lost.

    python -m pipeline.engine.cuda.trial FOLDER     a launch that `Device.trial` has left there
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from pipeline.engine.cuda.driver import TRIAL_FAILED, CudaError, Device, NoDevice, devices


def main(folder: Path) -> int:
    """Launch what is in a folder."""
    asked = json.loads((folder / "asked.json").read_text())
    code = (folder / "code.cubin").read_bytes()
    try:
        facts = devices()[asked["number"]]
        device = Device(facts, code, asked["entry"], asked["timeout"])
        words = np.load(folder / "words.npy")
        device.run(words, asked["size"], asked["work"], asked["teams"], asked["threads"], [])
    except (CudaError, NoDevice) as error:
        print(error)
        return TRIAL_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
