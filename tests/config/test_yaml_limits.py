"""config.yaml: what the YAML library can't take gets an answer, whatever its version."""

from __future__ import annotations

import pytest
import yaml

from tests.config.complaints import check, complaint

LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("count", [25, 990, 1100, 300_000])
@pytest.mark.parametrize("opening", ["[", "{", "[{"])
def test_deep_nesting_gets_an_answer(
    loader: type, count: int, opening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the C loader does depends on its version: it overruns the stack and takes the process
    # with it, or its scanner, which looks ahead, gives up before our own bound is reached.
    monkeypatch.setattr("pipeline.config.yaml_nodes._LOADER", loader)
    text = "battery: all\ndata: " + opening * (count // len(opening))
    found = complaint(text)
    assert found.startswith("config.yaml:2:26: error[yaml-syntax]: more than 20 levels of nesting")
    assert found.splitlines()[2].endswith("^")


def test_a_value_within_itself() -> None:
    assert "data: expected a single word, got a list" in complaint("data: &x [*x]\n")


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="the words are those of libyaml")
def test_a_fault_before_deep_nesting_is_the_one_that_is_named() -> None:
    found = complaint("data: }\n" + "x: " + "[" * 3000)
    assert found.startswith("config.yaml:1:7: error[yaml-syntax]: while parsing a block node")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (yaml.YAMLError("too many aliases\n  in a file"), "too many aliases"),
        (MemoryError(), "MemoryError"),
        (RecursionError("maximum recursion depth exceeded"), "maximum recursion depth exceeded"),
    ],
)
def test_what_the_library_cannot_take(
    error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(yaml, "compose", give_up)
    check(
        "battery: all\n",
        f"""
config.yaml:1:1: error[yaml-syntax]: this is more than YAML takes: {words}
    battery: all
    ^

1 error
""",
    )
