"""Which cluster is meant, and what is said where that is no question with one answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cluster import connecting
from pipeline.cluster.connecting import HERE, NoCluster, Where, asked_for, connected
from pipeline.config.config import Cluster
from pipeline.system.problem import Problem

ADDRESS = "tcp://lab:8786"
VARIABLE = {"DASK_SCHEDULER_ADDRESS": "tcp://other:8786"}
FILED = Cluster(scheduler="tcp://filed:8786")


@pytest.mark.parametrize(
    ("given", "cluster", "variables", "meant"),
    [
        (HERE, Cluster(), {}, HERE),
        (HERE, FILED, {}, Where("tcp://filed:8786")),
        (HERE, Cluster(workers=2), {}, Where(workers=2)),
        (HERE, Cluster(scheduler_file="s.json"), {}, Where(scheduler_file="s.json")),
        (HERE, FILED, VARIABLE, Where("tcp://other:8786")),
        (Where(ADDRESS), FILED, VARIABLE, Where(ADDRESS)),
        (Where(scheduler_file="s.json"), FILED, VARIABLE, Where(scheduler_file="s.json")),
        (Where(workers=3), FILED, {}, Where(workers=3)),
    ],
)
def test_the_nearest_word_counts(
    given: Where, cluster: Cluster, variables: dict[str, str], meant: Where
) -> None:
    assert asked_for(given, cluster, variables) == meant


@pytest.mark.parametrize(
    ("given", "variables", "said"),
    [
        (
            Where(ADDRESS, workers=2),
            {},
            f"--scheduler {ADDRESS} and --workers 2: one names a cluster that is there, the other "
            "starts one here; leave out one of them",
        ),
        (
            Where(workers=2),
            VARIABLE,
            "--workers 2 and DASK_SCHEDULER_ADDRESS=tcp://other:8786: one names a cluster that is "
            "there, the other starts one here; leave out one of them",
        ),
        (
            Where(ADDRESS, "s.json"),
            {},
            f"--scheduler {ADDRESS} and --scheduler-file s.json: both name a scheduler; leave out "
            "one of them",
        ),
        (Where("lab"), {}, "--scheduler lab: not an address like tcp://HOST:8786"),
        (
            HERE,
            {"DASK_SCHEDULER_ADDRESS": "lab"},
            "DASK_SCHEDULER_ADDRESS lab: not an address like tcp://HOST:8786",
        ),
        (Where(workers=-1), {}, "--workers takes a number of processes (0: none)"),
    ],
)
def test_two_clusters_and_none_that_can_be_are_no_answer(
    given: Where, variables: dict[str, str], said: str
) -> None:
    with pytest.raises(NoCluster) as caught:
        asked_for(given, Cluster(), variables)
    assert (str(caught.value), caught.value.status) == (said, 2)


def test_without_dask_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "find_spec", lambda name: None)
    with connected(HERE, Cluster()) as pool:
        assert pool is None
    with (
        pytest.raises(NoCluster, match=r"^a cluster needs Dask: pip install -e '\.\[cluster\]'$"),
        connected(Where(workers=1), Cluster()),
    ):
        pass


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, r"^there is no file .*/s\.json: start a scheduler that writes it \(dask scheduler"),
        ("{", r"s\.json is no file that a scheduler has written: Expecting"),
        ('{"id": "Scheduler-1"}', r"s\.json is no file that a scheduler has written: 'address'$"),
    ],
)
def test_a_file_that_no_scheduler_has_written_is_told_at_once(
    written: str | None, said: str, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    file = tmp_path / "s.json"
    if written is not None:
        file.write_text(written)
    with (
        pytest.raises(Problem, match=said),
        connected(Where(scheduler_file=str(file)), Cluster()),
    ):
        pass
