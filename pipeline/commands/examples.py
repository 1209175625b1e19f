"""An example for each task: what its help ends with. A test parses each as doit does."""

from __future__ import annotations

EXAMPLES = {
    "adopt": "doit adopt 1 2 --into solvers",
    "agree": "doit agree --lanes 20000 --seed 1",
    "all": "doit -n 8 all",
    "bench": "doit bench engine",
    "bench_gpu": "doit bench_gpu --quick",
    "check_batt": "doit check_batt --solver own/67a3c6ac,own/68b16354",
    "diagnose": "doit diagnose --solver own/67a3c6ac",
    "fuzz": "doit fuzz --programs 1000 --seed 1",
    "found": "doit found --task 67a3c6ac --text",
    "generate": "doit generate:own/67a3c6ac",
    "ir": "doit ir --solver own/67a3c6ac --after flatten",
    "kaggle_bundle": "doit kaggle_bundle --python 3.11 --cuda 12",
    "matrix": "doit matrix --data arc1-train,arc1-eval",
    "profile": "doit profile --repeats 1",
    "new": "doit new 025d127b",
    "search": "doit search --data arc1-eval --time 1h --seed 1",
    "show": "doit show 67a3c6ac --sample 0",
    "todo": "doit todo --limit 20",
    "stress": "doit stress --samples 1000 --solver own/67a3c6ac",
    "stubs": "doit stubs --output ../my-solvers/typings",
    "submission": "doit submission --data arc1-eval",
    "test": "doit test tests/primitives -k hmirror",
    "test_gpu": "doit test_gpu --lanes 1000 --programs 100",
    "why": "doit why generate:own/67a3c6ac",
}
"""By the task's name; that of any other is just `doit TASK`."""
