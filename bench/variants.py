"""Write variants of programs for a comparison: `python -m bench.variants FOLDER`.

They are made of the published verifiers and of the solvers in `solvers/`: one edit each, and
compositions, one program on what another returns. One file a task; the same numbers and seed give
the same programs. `python -m bench.language FOLDER` then runs them on both sides.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from pathlib import Path

from bench.build import PROJECT
from pipeline.data.corpora import extract_corpus
from pipeline.frontend.candidates import task_of
from pipeline.frontend.units import Unit, split_units
from pipeline.trust.programs.variants import composition, variant


def main() -> int:
    """Write the files."""
    options = argparse.ArgumentParser(prog="python -m bench.variants", description=__doc__)
    options.add_argument("folder", type=Path, help="where to write; what is there may be replaced")
    options.add_argument("--variants", type=int, default=3_700, help="how many (%(default)s)")
    options.add_argument("--compositions", type=int, default=4_500, help="how many (%(default)s)")
    options.add_argument("--seed", type=int, default=0, help="another seed, other programs")
    chosen = options.parse_args()
    texts = variants(chosen.seed, chosen.variants, chosen.compositions)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for task, functions in texts.items():
        (chosen.folder / f"{task}.py").write_text("\n\n".join(functions))
    count = sum(map(len, texts.values()))
    print(f"{count:,} programs of {len(texts)} tasks written to {chosen.folder}")
    return 0


def variants(seed: int, edited: int, composed: int) -> dict[str, list[str]]:
    """The texts of programs, by task."""
    units = sources()
    found: dict[str, list[str]] = defaultdict(list)
    for k in range(edited):
        rng = random.Random(f"{seed}/variant/{k}")
        unit = rng.choice(units)
        task = task_of(unit.name)
        found[task].append(variant(rng, unit.text, f"solve_{task}__v{k}"))
    for k in range(composed):
        rng = random.Random(f"{seed}/composition/{k}")
        first, second = rng.choice(units), rng.choice(units)
        task = task_of(rng.choice((first, second)).name)
        name = f"solve_{task}__c{k}"
        found[task].append(composition(first.text, second.text, name))
    return found


def sources() -> list[Unit]:
    """The published verifiers and our own solvers."""
    paths = [extract_corpus(PROJECT / ".cache"), *sorted((PROJECT / "solvers").glob("*.py"))]
    units = (split_units(path.stem, path.name, path.read_bytes())[0] for path in paths)
    return [unit for each in units for unit in each]


if __name__ == "__main__":
    sys.exit(main())
