"""The battery: when it is up to date, and how it is linked.

It depends on the generated code, not on the sources: a comment in a solver links nothing anew. doit
is never told of these dependencies, because naming 20,000 files costs it 6 s (a list is searched
for each); their digests are in the records anyway.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from pipeline.config.paths import LINKED
from pipeline.incremental import outputs
from pipeline.incremental.graphs import graphs_of
from pipeline.incremental.ingredients import Ingredients, learn, of_link
from pipeline.incremental.plan import BuildError
from pipeline.incremental.session import Session
from pipeline.system.stamp import digest_stamped


def is_linked(session: Session) -> bool:
    """Whether the battery is that of the present solvers, and untouched."""
    fact = session.facts.get("link")
    if session.plan.pending or fact is None or fact["key"] != of_link(session).key:
        return False
    return have_files(session, "link")


def link_battery(session: Session) -> None:
    """Link the battery, or take it from the cache."""
    plan = session.plan
    if plan.pending:
        raise BuildError(f"{len(plan.pending)} solvers are not generated: run `doit generate`")
    made = of_link(session)
    key = made.key
    texts = session.objects.get(key) if not session.insisted else None
    if texts is None:
        texts = _link(session, plan.linked(session.settings.battery))
        session.objects.put(key, texts)
    *plain, packed = texts
    for path, data in zip(LINKED, [*map(str.encode, plain), b64decode(packed)], strict=True):
        outputs.write_output(path, data)
    learn_files(session, "link", made, LINKED)
    session.said["link"] = _summary(json.loads(plain[-1]))


def _summary(facts: dict[str, Any]) -> str:
    """What was linked, in a line: `generated/batt.json` has more."""
    sizes = sum(facts["sizes"].values())
    called = f"{facts['nodes']:,} operations in {sizes:,} calls"
    return f"{facts['solvers']:,} solvers, {called if sizes else 'no operations'}"


def is_current(session: Session, name: str, key: str) -> bool:
    """Whether the files of a fact were made from what `key` stands for, and are untouched."""
    fact = session.facts.get(name)
    return fact is not None and fact["key"] == key and have_files(session, name)


def have_files(session: Session, name: str) -> bool:
    """Whether the files of a fact are there, with the content they had."""
    fact = session.facts[name]
    files = fact["files"]
    changed = [path for path, pair in files.items() if not outputs.unchanged(path, pair[0])]
    if not changed:
        return True
    again = {path: list(digest_stamped(path)[::-1]) for path in changed}
    if any(again[path][1] != files[path][1] for path in changed):
        return False
    session.learn(name, {**fact, "files": {**files, **again}})
    return True


def learn_files(session: Session, name: str, made: Ingredients, paths: list[str]) -> None:
    """Record that these files were made from what the ingredients are."""
    learn(session, name, made, {path: list(digest_stamped(path)[::-1]) for path in paths})


def _link(session: Session, solvers: list[tuple[str, str]]) -> tuple[str, ...]:
    """What a link writes, as the cache keeps it: the image packed into a text."""
    from pipeline.config.config import use_rows
    from pipeline.engine.image import image_bytes
    from pipeline.incremental.loading import load_linker
    from pipeline.system.progress import working

    use_rows(session.settings.primitives)
    link = load_linker(*session.linker_wanted())
    graphs = graphs_of(session, solvers)
    with working(f"linking {len(solvers):,} solvers"):
        linked = link(graphs)
        packed = b64encode(image_bytes(linked.image, linked.code.encode())).decode()
    return linked.code, linked.link_map, linked.statistics, packed
