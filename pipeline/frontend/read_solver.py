"""A solver by Python's parser: the function itself, and what it uses of its file.

Nothing is imported or run. What can't be in a solver is a diagnostic, and all diagnostics of a
solver are found in one go. What of the file a solver uses, also through others, are statements of
its program before its own, in the order in which Python runs them.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pipeline.diagnostics import Diagnostic
from pipeline.frontend.constructs import DECORATOR, read_python, refused
from pipeline.frontend.dialects import WRONG_NAME, Dialect, Translation
from pipeline.frontend.known_lines import alone, can_be_kept, keep
from pipeline.frontend.program import (
    Assign,
    Call,
    Expression,
    Given,
    Literal,
    Program,
    Rest,
    Return,
    Statement,
    StatementPlaces,
    Target,
    Variable,
    Wrong,
    ends,
)
from pipeline.frontend.put_in import PutIn
from pipeline.frontend.python_library import imported, with_plain_names
from pipeline.frontend.read_assignments import refuse_circle
from pipeline.frontend.read_blocks import in_turn, read_definition, read_statement
from pipeline.frontend.read_builtins import BUILTINS
from pipeline.frontend.read_calls import read_attribute, read_call
from pipeline.frontend.read_dicts import read_dict, read_part
from pipeline.frontend.read_library import read_imported
from pipeline.frontend.read_values import VALUES, note_dicts, scope_of
from pipeline.frontend.reading import Imported, Passage, Reading, placed_at
from pipeline.frontend.renaming import Renaming
from pipeline.frontend.scoping import (
    NameScope,
    assigned_in,
    changed_names,
    circles_in,
    functions_in,
    own_nodes,
    parameters_of,
    reads,
    signatures_in,
)
from pipeline.frontend.syntax import read_tree, too_deep
from pipeline.frontend.units import Unit

_NAME: Final = re.compile(r"(solve|verify)(_\w+)?$")
_OF_DICTS: Final = re.compile(r"\{|[Dd]ict|Counter|Mapping")
_DEF: Final = re.compile(r"(?:async )?def\s+(\w+)")
_FORMS: Final[Mapping[type, Callable[[Reading, Any], Expression]]] = {
    **VALUES,
    ast.Call: read_call,
    ast.Attribute: read_attribute,
    ast.Dict: read_dict,
    ast.DictComp: read_dict,
    ast.Subscript: read_part,
    Imported: read_imported,
    ast.FunctionDef: read_definition,
}

Placed = tuple[Passage, ast.stmt]
"""A statement of the file and the text that it was read from."""


def read_solver(unit: Unit) -> tuple[Program | None, list[Diagnostic]]:
    """One solver, with `Wrong` in the place of what is wrong; None if it is not one at all."""
    source = Passage(unit.path, unit.first_line, unit.text)
    try:
        tree = read_tree(source)
        if isinstance(tree, Diagnostic):
            return None, [tree]
        program, found = _Solver(unit, source, tree).read()
        if any(problem.code == "unsupported-syntax" for problem in found):
            again = _Solver(unit, source, read_python(unit.text))
            if again.put_in():
                program, found = again.read()
                found = [*dict.fromkeys(found)]
        return program, found
    except RecursionError:
        return None, [too_deep(source)]


class _Solver:
    """State of reading one solver: its reader, its statements so far and their lines."""

    def __init__(self, unit: Unit, source: Passage, tree: ast.Module) -> None:
        self.unit = unit
        self.file = NameScope({}, None, "file")
        self.reader = Reading(_FORMS, BUILTINS, source, self.file, self.file)
        self.reader.near = unit.used.near
        self.tree = tree
        self.statements: list[Statement] = []
        self.lines: list[int] = []
        self.paths: list[str] = []
        self.shared = list(self._shared(unit))
        if unit.used.meanings:
            self._take_libraries(unit)
        if unit.dialect:
            self._translate([(source, tree), *self.shared])
        if any("collections" in text.text for text in (source, *[s for s, _ in self.shared])):
            trees: list[Any] = with_plain_names([tree, *[node for _, node in self.shared]])
            self.tree = trees[0]
            self.shared = [(s, node) for (s, _), node in zip(self.shared, trees[1:], strict=True)]
        self.reader.trees = [self.tree, *(node for _, node in self.shared)]
        if not (unit.dialect or unit.used.meanings):
            texts = [unit.text, *(text for _, text in unit.shared)]
            self.reader.may_have_dicts = any(map(_OF_DICTS.search, texts))

    def _shared(self, unit: Unit) -> Iterator[Placed]:
        """The statements of the file that the solver may use."""
        for first, text in unit.shared:
            source = Passage(unit.path, first, text)
            is_changed = bool(unit.dialect or unit.used.meanings)
            tree = read_tree(source, is_shared=not is_changed)
            if isinstance(tree, Diagnostic):
                match = _DEF.match(text)
                self._unread(tree, match[1] if match else "")
            else:
                yield from ((source, node) for node in tree.body)

    def _take_libraries(self, unit: Unit) -> None:
        """Put what is used of libraries before the statements of the file, and call all by the
        names that the program has for it.
        """
        renaming = Renaming(dict(unit.used.meanings))
        self.shared = [(source, renaming.visit(node)) for source, node in self.shared]
        renaming.visit(self.tree)
        found: list[Placed] = []
        for used in unit.used.texts:
            source = Passage(used.path, used.first_line, used.text)
            tree = read_tree(source, not unit.dialect, used.meanings)
            if isinstance(tree, Diagnostic):
                match = _DEF.match(used.text)
                self._unread(tree, dict(used.meanings).get(match[1], "") if match else "")
            else:
                found += [(source, node) for node in tree.body]
        self.shared = found + self.shared

    def _unread(self, wrong: Diagnostic, name: str) -> None:
        """Tell of a statement that can't be read, and not also that its name is unknown."""
        self.reader.found.append(wrong)
        self.file.assigned[name] = wrong.span.line
        self.file.wrong.add(name)

    def _translate(self, texts: Sequence[tuple[Passage, ast.AST]]) -> None:
        """Write all texts in the words of the DSL."""
        translation = Translation(Dialect.of(self.unit.dialect), [node for _, node in texts])
        for source, node in texts:
            for wrong in translation.translate(node):
                span = source.span(wrong.node)
                found = Diagnostic(span, "bad-choice", wrong.message, (wrong.note,))
                self.reader.found.append(found)
                self.file.assigned[WRONG_NAME] = span.line
                self.file.wrong.add(WRONG_NAME)

    def put_in(self) -> bool:
        """Put functions that change lists of others in where they are called; whether any was."""
        if len(self.tree.body) != 1:
            return False
        source, node = self._resolved(self.reader.source, self.tree.body[0])
        if not isinstance(node, ast.FunctionDef):
            return False
        own = source, node
        needed = self._needed(node)
        writing = PutIn(needed, own)
        made = writing.solver(own)
        placed = [writing.of_file(one) for one in needed]
        self.tree = ast.Module([made], [])
        self.reader.source = source
        self.shared = placed
        return bool(writing.count)

    def read(self) -> tuple[Program | None, list[Diagnostic]]:
        """The program, and what is wrong with it."""
        reader, node = self.reader, self.tree.body[-1] if self.tree.body else ast.Pass()
        target = _target(node)
        if len(self.tree.body) != 1 or not (isinstance(node, ast.FunctionDef) or target):
            reader.refuse(node, None if not isinstance(node, ast.Expr) else refused(node.value))
            return None, reader.found
        name = target or getattr(node, "name", "")
        if not _NAME.match(name):
            message = f"a solver is named solve_ID or verify_ID, not {name!r}"
            span = reader.source.span(node) if target else reader.source.name_span(node)
            reader.report(span, "bad-name", message)
        source, node = self._resolved(reader.source, node)
        node = _as_function(node)
        if isinstance(node, ast.FunctionDef):
            own = {*assigned_in(node.body), *(p.arg for p in parameters_of(node.args))}
            self.file.hidden = frozenset(own)
        self._read_shared([(source, node)])
        reader.source, reader.scope = source, self.file
        is_function = isinstance(node, ast.FunctionDef)
        parameter = self._function(node) if is_function else self._value(node)
        if not self.statements:
            return None, reader.found
        parts = tuple(self.statements), self.unit.path, tuple(self.lines)
        paths = tuple(self.paths) if set(self.paths) != {self.unit.path} else ()
        return Program(self.unit.name, parameter, *parts, paths), reader.found

    def _resolved(self, source: Passage, node: ast.stmt) -> Placed:
        """The function that `solve_A = solve_B` is about; anything else is itself."""
        functions = {n.name: (s, n) for s, n in self.shared if isinstance(n, ast.FunctionDef)}
        aliases = {_target(n): n for _, n in self.shared if _target(n)}
        seen: set[str] = set()
        while isinstance(value := getattr(node, "value", None), ast.Name) and value.id not in seen:
            seen.add(value.id)
            if value.id in functions:
                return functions[value.id]
            node = aliases.get(value.id, node)
        return source, node

    # -- what the file gives

    def _read_shared(self, own: list[Placed]) -> None:
        """The statements of the file that are needed, in their order."""
        needed = self._needed(own[0][1])
        nodes = [node for _, node in needed]
        times = Counter(name for node in nodes for name in changed_names(node))
        if self.reader.may_have_dicts:
            note_dicts(self.file, [*nodes, own[0][1]])
        self.file.library = imported(nodes)
        self.file.constants = {name for name, count in times.items() if count == 1}
        for source, node in needed:
            for name in changed_names(node) - self.file.library.keys():
                self.file.assigned.setdefault(name, source.first_line + node.lineno - 1)
        everything = functions_in([*nodes, own[0][1]])
        self.file.circles = circles_in(everything)
        self._refuse_circles([*needed, *own])
        self.file.functions, self.file.nodes = signatures_in(nodes), [*nodes]
        for source, node in needed:
            self.reader.source = source
            self._statement(node)

    def _refuse_circles(self, placed: list[Placed]) -> None:
        """Tell of functions of the file that come back to themselves, at the first of each circle,
        so that all solvers that use it tell the same.
        """
        for source, node in sorted(placed, key=lambda p: p[0].first_line):
            name = _target(node) or getattr(node, "name", "")
            span = source.span(node) if _target(node) else None
            if name in self.file.circles:
                self.file.assigned.setdefault(name, source.first_line)
                refuse_circle(self.reader, name, span or source.name_span(node))

    def _needed(self, own: ast.stmt) -> list[Placed]:
        """The statements of the file that assign what the solver reads, also through others."""
        binding: dict[str, list[int]] = {}
        for k, (_, node) in enumerate(self.shared):
            for name in changed_names(node):
                binding.setdefault(name, []).append(k)
        found: set[int] = set()
        wanted = list(reads([own]))
        seen: set[str] = set(wanted)
        for name in wanted:
            for k in binding.get(name, ()):
                if k not in found and self.shared[k][1] is not own:
                    found.add(k)
                    more = reads([self.shared[k][1]]) | changed_names(self.shared[k][1])
                    wanted += more - seen
                    seen |= more
        return [self.shared[k] for k in sorted(found)]

    # -- the solver itself

    def _value(self, node: Any) -> str:
        """`solve_ID = value`: the value is called with the grid."""
        reader = self.reader
        reader.begin(node)
        function = reader.expression(node.value)
        call = reader.made(Call(function, (Variable("I"),)), node.value, node.value)
        self._add(node, "return", node.value, node.value, call)
        return "I"

    def _function(self, node: Any) -> str:
        reader = self.reader
        for decorator in node.decorator_list:
            reader.refuse(decorator, DECORATOR)
        scope = scope_of(reader, node.body, parameters_of(node.args), self.file)
        scope.circles = circles_in(functions_in(node.body))
        reader.top = scope
        parameter = self._parameters(node, scope)
        reader.scope = scope
        self._body(node)
        return parameter

    def _body(self, node: ast.FunctionDef) -> None:
        reader = self.reader
        for statement in in_turn(reader, node.body):
            self._statement(statement)
            if self.statements and self.statements[-1].target == "return":
                return
        last = node.body[-1]
        if not any(isinstance(n, ast.Return) for n in own_nodes(node.body)):
            message = "the last statement must be `return`"
            reader.wrong(last, "missing-return", message, "end the solver with `return NAME`")
        elif not (self.statements and ends(self.statements[-1].value)):
            reader.begin(last)
            self._add(last, "return", last, last, Wrong() if reader.found else Literal(None))

    def _parameters(self, node: ast.FunctionDef, scope: NameScope) -> str:
        """The parameter that is the grid. One that is read besides has the task's train pairs, or
        its default, or must not be read.
        """
        reader, spec = self.reader, node.args
        plain = [*spec.posonlyargs, *spec.args]
        if not plain:
            message = "a solver takes exactly one parameter, the input grid"
            span = reader.source.name_span(node)
            reader.report(span, "bad-parameters", message, f"write `def {node.name}(I):`")
            scope.assigned.setdefault("I", span.line)
            scope.wrong.update(("I", *(p.arg for p in parameters_of(spec))))
            return "I"
        defaults = {p.arg: d for p, d in zip(plain[::-1], spec.defaults[::-1], strict=False)}
        words = zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
        defaults |= {p.arg: d for p, d in words if d is not None}
        grid = _grid_of([p.arg for p in plain], defaults.keys())
        pairs = _pairs_of(spec, grid, defaults)
        used = reads(node.body)
        for parameter in parameters_of(spec):
            name = parameter.arg
            if name == grid or name not in used:
                continue
            if name == pairs:
                reader.begin(node)
                reader.odd()
                self._add(node, name, parameter, parameter, Given("train_pairs"))
            elif name in defaults:
                reader.begin(node)
                value = reader.expression(defaults[name])
                self._add(node, name, parameter, defaults[name], value)
            else:
                self._refuse_parameter(node, parameter, grid)
                scope.wrong.add(name)
        return grid

    def _refuse_parameter(self, node: ast.FunctionDef, parameter: ast.arg, grid: str) -> None:
        what = ", the output," if parameter.arg == "C" else ""
        given = f"a solver is given the input grid, {grid!r}, and the task's train pairs, 'S'"
        message = f"{parameter.arg!r}{what} can't be read: {given}"
        note = f"write `def {node.name}(I):` or `def {node.name}(S, I):`"
        self.reader.wrong(parameter, "bad-parameters", message, note)

    # -- statements

    def _statement(self, node: ast.stmt) -> None:
        """A statement of the program, or several; one that is wrong is so as a whole."""
        reader = self.reader
        reader.begin(node)
        items = read_statement(reader, node)
        if reader.is_wrong:
            reader.scope.wrong.update(changed_names(node))
            items = items[:1]
        for item in items:
            if isinstance(item, Assign) and reader.scope is self.file:
                item = Assign(self._spoken(item.target), item.value)
            if isinstance(item, Return):
                value = getattr(node, "value", None)
                self._add(node, "return", value or node, value or node, item.value)
            elif isinstance(item, Assign) and isinstance(item.target, str) and item.target:
                place = _place_of(node, item.target.removeprefix("%"))
                self._add(node, item.target, place, getattr(node, "value", node), item.value)
            else:
                self._add(node, "", node, node, item)

    def _spoken(self, target: Target) -> Target:
        """A target of the file as the program has it."""
        if isinstance(target, str):
            return self.file.spoken(target)
        if isinstance(target, Rest):
            return Rest(self.file.spoken(target.name))
        return tuple([self._spoken(part) for part in target])

    def _add(
        self, node: ast.stmt, name: str, target: ast.AST, place: ast.AST, value: Expression
    ) -> None:
        """A statement of the program; one that is written plainly and alone on its line is kept."""
        reader = self.reader
        self.lines.append(reader.source.first_line + node.lineno - 1)
        self.paths.append(reader.source.path)
        start, names = node.lineno - 1, tuple(reader.names)
        if isinstance(value, Variable):
            names = (value.name,)
        if reader.is_wrong or isinstance(value, Wrong):
            value, names = Wrong(), ()
            place = target
        elif reader.is_plain and not reader.found and can_be_kept(name, names):
            line = reader.source.lines[start]
            if self._is_alone(node, line):
                kept = keep(line, Statement(name, value, names, line, node.col_offset))
                assert kept is not None
                self.statements.append(kept)
                return
        places = StatementPlaces(reader.placed(target), reader.placed(place), reader.parts)
        self.statements.append(Statement(name, value, names, "", known_places=places))

    def _is_alone(self, node: ast.stmt, line: str) -> bool:
        """Whether `name = value` or `return value` is all that a line says."""
        if "\r" in self.reader.source.text or node.end_lineno != node.lineno:
            return False
        is_one = isinstance(node, ast.Return) or (isinstance(node, ast.Assign) and _target(node))
        return bool(is_one) and alone(line, node.col_offset, node.end_col_offset or 0)


def _as_function(node: ast.stmt) -> ast.stmt:
    """`solve_A = lambda S, I: value` as a function; what takes the grid alone is called with it."""
    value = getattr(node, "value", None)
    if not isinstance(value, ast.Lambda):
        return node
    needed = len(value.args.posonlyargs + value.args.args) - len(value.args.defaults)
    if needed < 2:
        return node
    body = placed_at(ast.Return(value.body), value.body)
    made = ast.FunctionDef(_target(node), value.args, [body], [])
    return placed_at(made, node)


def _target(node: ast.stmt) -> str:
    """The name of `name = value`; empty for anything else."""
    if isinstance(node, ast.AnnAssign):
        found: list[ast.expr] = [node.target] if node.value is not None else []
    else:
        found = node.targets if isinstance(node, ast.Assign) else []
    return found[0].id if len(found) == 1 and isinstance(found[0], ast.Name) else ""


def _place_of(node: ast.stmt, name: str) -> ast.AST:
    """Where a statement names what it assigns."""
    return assigned_in([node]).get(name, node)


def _grid_of(names: list[str], defaults: Iterable[str]) -> str:
    """The parameter that is the input grid: `I`, the one behind `S`, or the first."""
    if "I" in names:
        return "I"
    if names[0] == "S" and len(names) > 1:
        return names[1]
    return next((name for name in names if name not in set(defaults)), names[0])


def _pairs_of(spec: ast.arguments, grid: str, defaults: Mapping[str, ast.expr]) -> str:
    """The parameter that is the task's train pairs: `S`, or the one before `I`; empty if it is
    none. One with a default that says something is what that says.
    """
    plain = [p.arg for p in (*spec.posonlyargs, *spec.args)]
    words = [p.arg for p in spec.kwonlyargs]
    name = "S" if "S" in (*plain, *words) and grid != "S" else ""
    if not name and grid == "I" and plain.index(grid) == 1 and plain[0] != "C":
        name = plain[0]
    default = defaults.get(name)
    says_something = default is not None and not _is_nothing(default)
    return "" if says_something else name


def _is_nothing(node: ast.expr) -> bool:
    """Whether this is `None`, `()` or `[]`."""
    if isinstance(node, ast.Tuple | ast.List):
        return not node.elts
    return isinstance(node, ast.Constant) and node.value is None
