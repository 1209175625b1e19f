"""The section cluster of config.yaml: what a user reads of one that can not be."""

from __future__ import annotations

from tests.config.complaints import check


def test_clusters_that_can_not_be() -> None:
    check(
        "cluster:\n  scheduler: lab:8786\n  patience: 0\n  workes: 3\n",
        """
config.yaml:2:14: error[bad-value]: cluster.scheduler: expected none, \
or an address like tcp://HOST:8786, got 'lab:8786'
      scheduler: lab:8786
                 ^^^^^^^^

config.yaml:3:13: error[bad-value]: cluster.patience: expected an integer from 1 to 1000000, got '0'
      patience: 0
                ^

config.yaml:4:3: error[unknown-key]: no knob 'cluster.workes'
      workes: 3
      ^^^^^^
  note: did you mean workers?

3 errors
""",
    )
    check(
        "cluster: {scheduler: 'tcp://lab:8786', workers: 3}\n",
        """
config.yaml:1:40: error[bad-value]: cluster.workers: there is cluster.scheduler already
    cluster: {scheduler: 'tcp://lab:8786', workers: 3}
                                           ^^^^^^^
  note: a run has one cluster: remove one of the two

1 error
""",
    )
