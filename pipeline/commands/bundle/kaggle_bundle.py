"""The command `kaggle_bundle`: what is asked, in a row of steps, each of which leaves what is done.

`bundle.json` is written last: a bundle without it is not complete, and the next run goes on from
what is there.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.battery.devices import kernel_folder
from pipeline.commands.bundle import arc_bundle, compiled, wheels
from pipeline.commands.bundle.contents import (
    CHOICE,
    FOLDER,
    Carried,
    carry,
    carry_project,
    files_of_project,
    portable_records,
    remove_others,
)
from pipeline.commands.bundle.destination import (
    CannotBundle,
    Destination,
    read_capabilities,
    require_target,
)
from pipeline.commands.bundle.requirements import Pinned, read_project, wanted_by
from pipeline.config.paths import BATTERY_FACTS, KAGGLE
from pipeline.incremental.keys import are_no_data_sets, data_sets
from pipeline.incremental.session import Session
from pipeline.report.bundle_text import print_bundle
from pipeline.report.notebook import About, notebook
from pipeline.system.atomic import write_atomic
from pipeline.system.fingerprint import KERNELS
from pipeline.system.progress import progress, working
from pipeline.system.stamp import digest, digest_stamped

PLATFORM: Final = "manylinux_2_28_x86_64"
HERE: Final = f"{sys.version_info[0]}.{sys.version_info[1]}"
NOTEBOOK: Final = "arc-battery.ipynb"
ON_BOARD: Final = "arc_bundle.py"


@dataclass(frozen=True)
class BundleAsked:
    """The options; what is empty has its default."""

    python: str = ""
    cuda: str = "12"
    capability: str = ""
    platform: str = ""
    data: str = ""
    output: str = ""

    @property
    def target(self) -> Destination:
        """For which Python, machine and CUDA."""
        return Destination(self.python or HERE, self.platform or PLATFORM, self.cuda)


def kaggle_bundle(session: Session, asked: BundleAsked) -> int:
    """Make the bundle, or what is missing of it: 0 if it is complete, 1 if it can't be, 2 if it
    can't be asked for."""
    data = data_sets(session, asked.data)
    if are_no_data_sets(data):
        return 2
    try:
        _bundle(session, asked, data)
    except CannotBundle as error:
        print(error, file=sys.stderr)
        return error.status
    return 0


def _bundle(session: Session, asked: BundleAsked, data: tuple[str, ...]) -> None:
    started = time.perf_counter()
    target, capabilities = asked.target, read_capabilities(asked.capability)
    require_target(target)
    if capabilities and not target.has_cuda:
        raise CannotBundle("--capability takes the packages of CUDA: not with --cuda none", 2)
    config, output = session.context.config, Path(asked.output or KAGGLE)
    project = read_project(Path("pyproject.toml").read_bytes())
    wanted = wanted_by(project, target)
    files = files_of_project(config, session.settings.corpora, data, output)
    _require_ours(output)
    if capabilities:
        compiled.python_of(target)  # there is one, or nothing is fetched in vain
    chosen, fetched = _wheels(output, wanted, target)
    records = portable_records(session.records)
    with progress("copying the project", len(files), "files") as advance:
        carried = carry_project(output, files, records, advance)
    carried.append(carry(output, "", Path(arc_bundle.__file__).read_bytes(), ON_BOARD))
    facts = _facts(project, target, chosen, output)
    facts["kept"] = kernel_folder(config).as_posix()
    facts["files"] = [row.to_json() for row in carried]
    kernels = _kernels(output, facts, target, capabilities, kernel_folder(config), session)
    carried += [Carried(**row) for row in kernels.pop("files", ())]
    solvers = json.loads(Path(BATTERY_FACTS).read_bytes())["solvers"]
    about = About(target.python, target.cuda, tuple(capabilities), data, solvers)
    text = json.dumps(notebook(about), indent=1, ensure_ascii=False)
    carried.append(carry(output, "", f"{text}\n".encode(), NOTEBOOK))
    remove_others(output, FOLDER, [row.stored for row in carried])
    remove_others(output, wheels.FOLDER, [row["stored"] for row in facts["wheels"]])
    facts |= {"kernels": kernels, "files": [row.to_json() for row in carried]}
    write_atomic(output / arc_bundle.FACTS, f"{json.dumps(facts, indent=1)}\n".encode())
    print_bundle(output.as_posix(), facts, fetched, time.perf_counter() - started)


def _require_ours(output: Path) -> None:
    """CannotBundle if the folder has anything in it that is none of a bundle."""
    if output.exists() and not output.is_dir():
        raise CannotBundle(f"{output} is no folder", 2)
    marks = (arc_bundle.FACTS, CHOICE)
    is_ours = any((output / mark).exists() for mark in marks)
    if output.is_dir() and any(output.iterdir()) and not is_ours:
        raise CannotBundle(f"{output} is not empty, and no bundle: choose another --output", 2)


def _wheels(output: Path, wanted: Sequence[str], target: Destination) -> tuple[list[Pinned], int]:
    """The wheels, now in the bundle, and how many were fetched for it."""
    with working("choosing wheels"):
        chosen = wheels.choose(output, wanted, target)
    folder = output / wheels.FOLDER
    fetched = wheels.lacking(chosen, folder)
    with progress("fetching wheels", len(fetched), "wheels") as advance:
        wheels.fetch(fetched, folder, target, advance)
    return chosen, len(fetched)


def _facts(
    project: dict[str, Any], target: Destination, chosen: Sequence[Pinned], output: Path
) -> dict[str, Any]:
    """What bundle.json says but for the files and the kernels."""
    rows = []
    for wheel in chosen:
        stored = f"{wheels.FOLDER}/{wheel.file}"
        sha256, size = digest_stamped(str(output / stored))[0], (output / stored).stat().st_size
        row = {"name": wheel.name, "version": wheel.version, "stored": stored}
        rows.append({**row, "sha256": sha256, "size": size})
    return {
        "project": project["project"]["name"],
        "version": project["project"]["version"],
        "python": target.python,
        "requires_python": project["project"]["requires-python"],
        "platform": target.platform,
        "machine": target.machine,
        "cuda": target.cuda,
        "extra": f"[cuda{target.cuda}]" if target.has_cuda else "",
        "wheels": rows,
    }


def _kernels(
    output: Path,
    facts: dict[str, Any],
    target: Destination,
    capabilities: Sequence[str],
    folder: Path,
    session: Session,
) -> dict[str, Any]:
    """The kernels for GPUs, now in the bundle: for which, from what, and their `files`.

    Those that the bundle has of the same code and wheels are left.
    """
    if not capabilities:
        return {}
    made_from = [facts["wheels"], session.code(KERNELS), target.python, capabilities]
    key = digest(json.dumps(made_from).encode())
    known = _known(output)
    if known.get("kernels", {}).get("key") == key:
        rows = [row for row in known["files"] if row["path"].startswith(f"{folder.as_posix()}/")]
        if all(digest_stamped(str(output / r["stored"]))[0] == r["sha256"] for r in rows):
            return {"key": key, "capabilities": list(capabilities), "files": rows}
    found = compiled.compile_for(output, facts, target, capabilities, folder)
    with progress("copying kernels", len(found), "files") as advance:
        carried = []
        for name in found:
            data = (folder / name).read_bytes()
            carried.append(carry(output, (folder / name).as_posix(), data).to_json())
            advance(1)
    return {"key": key, "capabilities": list(capabilities), "files": carried}


def _known(output: Path) -> dict[str, Any]:
    """What the bundle's own facts say; nothing if there are none."""
    try:
        found = json.loads((output / arc_bundle.FACTS).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
