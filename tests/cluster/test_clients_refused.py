"""What the workers of a client do not have is said before the client is asked for anything."""

from __future__ import annotations

import pytest

from pipeline.battery.resident import Battery
from pipeline.cluster.connecting import NoCluster
from pipeline.config.config import Config

PRIMITIVES = (
    "workers do not have primitives of your own (primitives in config.yaml): run without a cluster"
)
LIBRARIES = "workers do not have libraries (libraries in config.yaml): run without a client"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (Config(primitives=("rows",)), PRIMITIVES),
        (Config(libraries=("shapes.py",)), LIBRARIES),
        (Config(primitives=("rows",), libraries=("shapes.py",)), PRIMITIVES),
    ],
)
def test_a_client_is_refused(config: Config, said: str) -> None:
    with pytest.raises(NoCluster) as caught:
        Battery((), config=config, client=object())
    assert str(caught.value) == said
