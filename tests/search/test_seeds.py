"""What a search begins with has room in banks, whatever its constants are."""

from __future__ import annotations

from pipeline.search.seeds import with_room
from pipeline.search.typed_lines import Shapes
from tests.search.small import drafts_in


def test_solvers_for_whose_constants_there_is_no_room_are_left_out() -> None:
    texts = {
        "a": "def solve_a(I):\n    return replace(I, 1, 2)\n",
        "b": "def solve_b(I):\n    return replace(I, 3, 4)\n",
        "c": "def solve_c(I):\n    return replace(I, 2, 7)\n",
        "d": "def solve_d(I):\n    return hmirror(I)\n",
    }
    drafts = list(drafts_in(texts, Shapes()).items())
    assert [name for name, _ in with_room(drafts, 3)] == ["a", "c", "d"]
    assert with_room(drafts) == drafts
