"""What works in the bundle: it checks the bundle, installs it offline and runs doit.

It goes into the bundle as it is and is imported by the notebook, so it uses nothing but the
standard library, and loads under older versions of Python too, to say that they are too old.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FACTS = "bundle.json"
INPUT = Path("/kaggle/input")
WORKING = Path("/kaggle/working")
CHALLENGES = "*test_challenges.json"
LEVELS = ("", "*/", "*/*/", "*/*/*/")
"""How deep below INPUT challenges are looked for."""


class BundleError(Exception):
    """The bundle can't be used here; the text says why, and what to do."""


class OpenedBundle:
    """A bundle whose files are all there, for this Python and machine."""

    def __init__(self, folder: Path, facts: dict) -> None:
        self.folder = folder
        self.facts = facts

    def install(self, work: str | Path = "") -> Installed:
        """Copy the project to a folder that can be written to, with an environment of its own."""
        root = Path(work or os.environ.get("ARC_WORK") or _default_work())
        env = root / "env"
        print(f"copying the project to {root / 'project'}", flush=True)
        project = _copy(self.folder, self.facts, root)
        python = env / "bin" / "python"
        mark = root / "installed.json"
        wanted = json.dumps([self.facts["wheels"], sys.version], sort_keys=True)
        if not (python.exists() and mark.exists() and mark.read_text() == wanted):
            count = len(self.facts["wheels"])
            print(f"installing {count} wheels into {env}", flush=True)
            shutil.rmtree(str(env), ignore_errors=True)
            _make_environment(env, project, self.folder / "wheels", self.facts["extra"])
            mark.write_text(wanted)
        return Installed(project, python)


class Installed:
    """The project in a folder of its own, ready to run; `device` is what the runs are told."""

    def __init__(self, project: Path, python: Path) -> None:
        self.project = project
        self.python = python
        self.device: list = []

    def doit(self, *words: str) -> None:
        """Run `doit WORDS`, its output below the cell; BundleError if it fails."""
        status = self._status(*words)
        if status:
            raise BundleError(f"`doit {' '.join(words)}` ended with status {status}, see above")

    def look_for_gpu(self) -> None:
        """Run `doit gpu_report`; without a GPU that the battery runs on, go on with the CPU."""
        found = self.project / "generated" / "results" / "gpu.json"
        if found.exists():
            found.unlink()
        status = self._status("gpu_report")
        if status and not (status == 1 and found.exists()):
            raise BundleError(f"`doit gpu_report` ended with status {status}, see above")
        self.device = ["--device", "cpu"] if status else []
        if status:
            print("\nThere is no GPU that the battery runs on: the rest runs on the CPU.")

    def tasks(self, names: str) -> str:
        """What to run on: the challenges of a competition that is attached, else these sets."""
        found = [path for level in LEVELS for path in sorted(INPUT.glob(level + CHALLENGES))]
        if not found:
            print(f"no competition is attached: the tasks are those of {names}")
            return names
        print(f"the competition's tasks: {found[0]}")
        for other in found[1:]:
            print(f"not taken: {other}")
        return str(found[0])

    def submit(self, data: str) -> None:
        """Run `doit submission`; copies the file to where Kaggle wants it and says what it is."""
        self.doit("submission", "--data", data, *self.device)
        place = Path(WORKING if WORKING.is_dir() else Path.cwd(), "submission.json")
        shutil.copyfile(str(self.project / "generated" / "submission.json"), str(place))
        size = place.stat().st_size
        tasks = len(json.loads(place.read_text()))
        print(f"\n{place}: {tasks:,} tasks of {data}, {size:,} bytes")

    def _status(self, *words: str) -> int:
        print(f"$ doit {' '.join(words)}", flush=True)
        return _run([str(self.python), "-m", "doit", *words], self.project)


def opened(folder: str | Path) -> OpenedBundle:
    """The bundle in a folder; BundleError if it is not whole, or not for this Python."""
    folder = Path(folder)
    try:
        facts = json.loads((folder / FACTS).read_text("utf-8"))
    except FileNotFoundError:
        text = "it was interrupted, or not all of it was copied: make it again, upload it again"
        raise BundleError(f"{folder} is no complete bundle, {FACTS} is missing: {text}") from None
    except ValueError:
        raise BundleError(f"{folder / FACTS} is damaged: copy the bundle again") from None
    _require_python(facts)
    _require_files(folder, facts)
    cuda = facts["cuda"]
    packages = f"with the packages of CUDA {cuda}" if cuda != "none" else "without CUDA"
    count = len(facts["wheels"]) + len(facts["files"])
    print(f"{folder}: all {count:,} files are there, for Python {facts['python']}, {packages}")
    return OpenedBundle(folder, facts)


def environment() -> dict:
    """The variables of what runs in the bundle's environment: none that leads out of it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    kept.update(PIP_CONFIG_FILE=os.devnull, PYTHONUNBUFFERED="1", PYTHONNOUSERSITE="1")
    return kept


def _require_python(facts: dict) -> None:
    wanted, machine = facts["python"], facts["machine"]
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if here != wanted:
        needed = facts["requires_python"]
        make = f"make one with `doit kaggle_bundle --python {here}`, or "
        if needed.startswith(">=") and _numbers(here) < _numbers(needed[2:].split(",")[0]):
            make = f"the project needs Python {needed}, so "
        raise BundleError(
            f"this notebook runs Python {here}, and the bundle is for Python {wanted}: "
            f"{make}choose an environment with Python {wanted}"
        )
    if sys.platform != "linux" or platform.machine() != machine:
        raise BundleError(
            f"this is {sys.platform} on {platform.machine()}, and the bundle is for "
            f"linux on {machine}"
        )


def _numbers(version: str) -> list:
    return [int(part) for part in version.split(".")]


def _require_files(folder: Path, facts: dict) -> None:
    missing, changed = [], []
    for row in [*facts["wheels"], *facts["files"]]:
        path = folder / row["stored"]
        if not path.is_file():
            missing.append(row["stored"])
        elif _sha256(path) != row["sha256"]:
            changed.append(row["stored"])
    for names, what in ((missing, "missing"), (changed, "changed")):
        if names:
            more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
            text = f"{', '.join(names[:3])}{more} {'is' if len(names) == 1 else 'are'} {what}"
            raise BundleError(f"{folder} is damaged, {text}: copy or upload the bundle again")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(str(path), "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def _default_work() -> Path:
    return Path(tempfile.gettempdir(), "arc-battery")


def _copy(folder: Path, facts: dict, root: Path) -> Path:
    """The project as the bundle has it, whatever an earlier run has left, but for the kernels that
    were compiled here."""
    project, aside = root / "project", root / "kernels"
    kept = project / facts["kept"]
    if kept.is_dir():
        shutil.rmtree(str(aside), ignore_errors=True)
        shutil.move(str(kept), str(aside))
    shutil.rmtree(str(project), ignore_errors=True)
    if aside.is_dir():
        kept.parent.mkdir(parents=True)
        shutil.move(str(aside), str(kept))
    for row in facts["files"]:
        if row["path"]:
            target = project / row["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(folder / row["stored"]), str(target))
    return project


def _make_environment(env: Path, project: Path, wheels: Path, extra: str) -> None:
    """An environment of its own: what the notebook has installed is neither used nor changed."""
    python = env / "bin" / "python"
    steps = (
        [sys.executable, "-m", "venv", "--without-pip", str(env)],
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"),
            *("--no-index", "--find-links", str(wheels), "--no-warn-script-location"),
            *("--disable-pip-version-check", "--editable", f"{project}{extra}"),
        ],
    )
    for command in steps:
        status = _run(command, project)
        if status:
            raise BundleError(f"`{' '.join(command)}` ended with status {status}, see above")


def _run(command: list, folder: Path) -> int:
    """Run a command in a folder, printing what it prints as it comes."""
    process = subprocess.Popen(
        command,
        cwd=str(folder),
        env={**environment(), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
        encoding="utf-8",
        errors="replace",
    )
    with process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
    return process.returncode
