"""The files of `generated/`: where they are."""

from __future__ import annotations

GENERATED = "generated"
SOLVERS = f"{GENERATED}/solvers"
BATTERY = f"{GENERATED}/batt.py"
BATTERY_IMAGE = f"{GENERATED}/batt.image"
BATTERY_MAP = f"{GENERATED}/batt.map.json"
BATTERY_FACTS = f"{GENERATED}/batt.json"
LINKED = [BATTERY, BATTERY_MAP, BATTERY_FACTS, BATTERY_IMAGE]
"""What a link writes."""

RESULTS = f"{GENERATED}/results"
CHECK = f"{RESULTS}/check.json"
MATRIX = f"{RESULTS}/matrix.npy"
MATRIX_FACTS = f"{RESULTS}/matrix.json"
STRESS = f"{RESULTS}/stress.json"
SCORE_FORMATS = ("csv", "json", "parquet")
SUBMISSION = f"{GENERATED}/submission.json"
DIAGNOSIS = f"{RESULTS}/diagnose.json"
GPU = f"{RESULTS}/gpu.json"
GPU_FIRST = f"{RESULTS}/gpu_first.json"
PROFILE = f"{RESULTS}/profile.json"
PROFILE_BEFORE = f"{RESULTS}/profile.previous.json"
PROFILE_PYTHON = f"{RESULTS}/profile.prof"
PLOTS = {
    name: f"{GENERATED}/report/profile-{name}.svg"
    for name in ("phases", "operations", "solvers", "scaling", "changes")
}
REPORT = f"{GENERATED}/report/index.html"
KAGGLE = f"{GENERATED}/kaggle"
MAP = ".map.json"


def code_path(name: str) -> str:
    """Where the code of the solver CORPUS/ID goes."""
    return f"{SOLVERS}/{name}.py"


def map_path(name: str) -> str:
    """Where the source map of the solver CORPUS/ID goes."""
    return f"{SOLVERS}/{name}{MAP}"


def scores_path(workload: str, form: str) -> str:
    """Where the scores of a workload's lanes go, in one of the `SCORE_FORMATS`."""
    return f"{RESULTS}/{workload}.scores.{form}"
