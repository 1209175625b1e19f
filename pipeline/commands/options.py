"""The options of the tasks, as doit declares them: `params` of what `jobs` does."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from doit import get_initial_workdir

from pipeline.incremental.reporter import ALL_ERRORS


def _option(
    name: str, kind: Callable[[str], object], default: object, text: str, key: str = ""
) -> dict[str, Any]:
    named = {"name": key or name, "long": name, "short": ""}
    return {**named, "type": kind, "default": default, "help": text}


def a_path(text: str) -> str:
    """A path as it was given where doit was called: that may be a folder below this one."""
    there = get_initial_workdir()
    if not text or not there or os.path.samefile(there, os.curdir):
        return text
    return os.path.relpath(os.path.join(there, text))


ERRORS = {
    **_option("all-errors", bool, False, "show all that is wrong, not just some", key=ALL_ERRORS),
    "inverse": "",
}
SOLVERS = "only these solvers, as A,B: CORPUS/ID or ID, how it begins, or a pattern like 'own/6*'"
DEVICE = _option("device", str, "", "auto, cpu or cuda (default: as in config.yaml)")
SCORES = _option("scores", str, "", "write the scores of all lanes as csv, json, parquet")
JUNIT = _option("junit", a_path, "", "write the verdicts to this file, as JUnit XML")
ANNOTATIONS = {
    **_option("annotations", bool, False, "print GitHub's annotations of the files that fail"),
    "inverse": "",
}
CHECK = [
    _option("solver", str, "", SOLVERS),
    _option("task", str, "", "only the solvers of this task", key="task_id"),
    _option("corpus", str, "", "only the solvers of this corpus"),
    _option("limit", int, 0, "at most this many solvers (0: all)"),
    _option("backend", str, "", "cpu, cuda or reference (default: as in config.yaml)"),
    DEVICE,
    {**_option("profile", bool, False, "print where the time goes"), "inverse": ""},
    SCORES,
    JUNIT,
    ANNOTATIONS,
    ERRORS,
]
CLUSTER = [
    _option("scheduler", str, "", "run on the Dask cluster of this scheduler, tcp://HOST:8786"),
    _option(
        "scheduler-file",
        a_path,
        "",
        "the same, by the file that its scheduler has written",
        key="scheduler_file",
    ),
    _option("workers", int, 0, "run on so many Dask workers that are started here (0: none)"),
]
MATRIX = [
    _option("data", str, "", "these data sets, as A,B (default: as in config.yaml)"),
    _option(
        "limit-samples",
        int,
        0,
        "only the first tasks of each data set, with at least this many samples together; for "
        "trying out: nothing is written (0: all)",
        key="limit_samples",
    ),
    {**_option("restart", bool, False, "forget what an interrupted run has done"), "inverse": ""},
    DEVICE,
    SCORES,
    *CLUSTER,
    ERRORS,
]
PLAIN_STRESS = (100, 0)
"""Samples and seed of `doit stress` without options."""
STRESS = [
    _option("samples", int, PLAIN_STRESS[0], "how many samples of each task"),
    _option(
        "seed", int, PLAIN_STRESS[1], "what the samples are drawn with: another seed, other samples"
    ),
    _option("solver", str, "", "only these solvers, as for check_batt; nothing is written"),
    _option("task", str, "", "only the solvers of this task; nothing is written", key="task_id"),
    _option("corpus", str, "", "only the solvers of this corpus; nothing is written"),
    DEVICE,
    SCORES,
    *CLUSTER,
    JUNIT,
    ANNOTATIONS,
    ERRORS,
]
SUBMISSION = [
    _option("data", str, "", "the data set (default: the first in config.yaml)"),
    _option("validate", a_path, "", "instead: say what is wrong with this file, or what it scores"),
    DEVICE,
    ERRORS,
]
IR = [
    _option("solver", str, "", "the solver, as CORPUS/ID or ID"),
    _option("after", str, "", "the pass after which to print (default: the last)"),
]
FUZZ = [
    _option("programs", int, 20_000, "how many programs"),
    _option("seed", int, 0, "where the random programs begin"),
    _option("backend", str, "both", "what is compared: cpu, reference or both"),
    _option("jobs", int, 1, "how many processes"),
    {
        **_option("language", bool, False, "programs in all the Python that solvers may hold"),
        "inverse": "",
    },
]
AGREE = [
    _option("lanes", int, 20_000, "how many lanes"),
    _option("seed", int, 0, "what the lanes are drawn with: another seed, other lanes"),
    _option("jobs", int, 0, "how many processes (0: one a core)"),
    _option("stress", int, 0, "instead: each solver on so many generated samples of its task"),
    *CLUSTER,
    ERRORS,
]
_NONE = "no run of the kernels that guard what they claim, which takes minutes to compile"
_SKIP = _option("skip-guards", bool, False, _NONE, key="skip_guards")
TEST_GPU = [
    _option("lanes", int, 200_000, "how many random lanes of the matrix"),
    _option("programs", int, 2_000, "how many random programs"),
    _option("seed", int, 0, "what both are drawn with"),
    {**_SKIP, "inverse": ""},
    ERRORS,
]
GPU_CARRY = [_option("for", str, "9.0", "for GPUs of these, as A,B", key="capabilities"), ERRORS]
_QUICK = _option("quick", bool, False, "a part of each, nothing is written")
BENCH_GPU = [{**_QUICK, "inverse": ""}]
DIAGNOSE = [
    _option("solver", str, "", SOLVERS),
    _option("task", str, "", "only the solvers of this task", key="task_id"),
    _option("corpus", str, "", "only the solvers of this corpus"),
    _option("generated", a_path, "", "a folder of generated files (default: generated)"),
    ERRORS,
]
_NOTEBOOK_DATA = "the notebook's data sets, as A,B; it submits for the first (default: config.yaml)"
KAGGLE_BUNDLE = [
    _option("python", str, "", "the notebook's Python, like 3.11 (default: this one's)"),
    _option("cuda", str, "12", "the packages of this CUDA version: 12, 13 or none"),
    _option("capability", str, "", "kernels too, for GPUs like 7.5,8.9 (T4, L4; default: none)"),
    _option("platform", str, "", "the notebook's platform (default: manylinux_2_28_x86_64)"),
    _option("data", str, "", _NOTEBOOK_DATA),
    _option("output", a_path, "", "the directory to write (default: generated/kaggle)"),
    ERRORS,
]
PROFILE = [
    _option("repeats", int, 3, "how often each is measured; medians count"),
    _option("sizes", str, "10,25,50,100,200", "numbers of tasks to measure, besides all"),
    _option("against", a_path, "", "the profile to compare with (default: the last one)"),
    {**_option("cprofile", bool, False, "Python's profile of code generation too"), "inverse": ""},
    ERRORS,
]
SHOW = [
    _option("solver", str, "", "these solvers, as for check_batt"),
    _option("sample", str, "", "only this sample, as train[0], a number from 0, or generated[0]"),
    _option("seed", int, 0, "what a generated sample is drawn with, as for stress"),
    ERRORS,
    {**_option("task", bool, False, "just the task, no solver's answer", "is_task"), "inverse": ""},
]
TODO = [
    _option("data", str, "", "the tasks of these data sets, as A,B (default: as in config.yaml)"),
    _option("limit", int, 20, "at most this many tasks (0: all)"),
    ERRORS,
]
SEARCH = [
    _option("data", str, "", "the tasks of these data sets, as A,B (default: as in config.yaml)"),
    _option("task", str, "", "only these tasks, as A,B", key="task_id"),
    _option("time", str, "", "for how long at most: 90s, 20m, 8h (default: until all is tried)"),
    _option("programs", int, 0, "how many programs to try (0: as many as there is time for)"),
    _option("seed", int, 0, "another seed, another search"),
    {**_option("resume", bool, False, "go on with the last search of these words"), "inverse": ""},
    _option("islands", int, 0, "how many populations go on apart from each other (0: 8)"),
    _option("threads", int, 0, "how many processes work on them (0: one a core)"),
    _option("device", str, "", "auto or cpu: a search runs on the CPU"),
    *CLUSTER,
]
FOUND = [
    _option("task", str, "", "only the programs of this task", key="task_id"),
    _option("run", int, 0, "only those of this search (0: all)"),
    {**_option("text", bool, False, "their texts, no table", "texts"), "inverse": ""},
]
ADOPT = [
    _option("into", a_path, "", "the folder of a corpus (default: the first in config.yaml)"),
]
STUBS = [_option("output", a_path, "", "the folder to write (default: typings)")]
TEST = [
    {**_option("long", bool, False, "the long part instead: all that is left out"), "inverse": ""},
]
