"""Small changes to a source, each of which a test of it should notice.

    for mutant in mutants_of("masks.py", source):
        mutant.apply(source)

Comparisons and sums are others, `and` is `or`, True is False, a number or a bound is one more, `not` and minus are
gone, an argument given by name is gone, nothing is returned. What people only read stays: strings, what is raised,
logged, printed or warned of. So does what types, decorators and __all__ say.
"""

import ast
import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

OPERATORS = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: (r"\*\*", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: (r"\|", "&"),
}
# Calls of these only tell people.
TELLING = re.compile(r"^(print|(log|logger|logging|warnings|log_of_\w+)\.\w+|\w*warn\w*|\w+\.warn\w*)$")


@dataclass(frozen=True)
class Mutant:
    """One change: the bytes from `start` to `end` become `text`."""

    path: str
    line: int
    start: int
    end: int
    text: str
    # The changed line, stripped, before and after, and which of equal changes it is: its name, whatever stands above.
    before: str
    after: str
    number: int = 0

    @property
    def name(self) -> tuple[str, str, str, int]:
        return self.path, self.before, self.after, self.number

    def apply(self, source: str) -> str:
        data = source.encode()
        return (data[: self.start] + self.text.encode() + data[self.end :]).decode()

    def is_readable(self, source: str) -> bool:
        try:
            compile(self.apply(source), self.path, "exec")
        except SyntaxError:
            return False
        return True

    def diff(self, source: str) -> str:
        lines = difflib.unified_diff(source.splitlines(), self.apply(source).splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def mutants_of(path: str, source: str) -> list[Mutant]:
    """All changes of a source, in its order; Python may not be able to read some."""
    found, seen = [], Counter[tuple[str, str, str, int]]()
    positions = _Positions(source)
    for start, end, text in sorted(_changes(ast.parse(source), positions)):
        mutant = _named(path, source, start, end, text)
        found.append(replace(mutant, number=seen[mutant.name]))
        seen[mutant.name] += 1
    return found


def _named(path: str, source: str, start: int, end: int, text: str) -> Mutant:
    data = source.encode()
    line = data[:start].count(b"\n")
    first, last = data.rfind(b"\n", 0, start) + 1, data.find(b"\n", end)
    changed = data[first:start] + text.encode() + data[end:last]
    before, after = (" ".join(part.decode().split()) for part in (data[first:last], changed))
    return Mutant(path, line + 1, start, end, text, before, after)


Placed = ast.expr | ast.stmt | ast.keyword


class _Positions:
    """Where nodes stand in the bytes of a source."""

    def __init__(self, source: str) -> None:
        self.data = source.encode()
        self._lines = [0]
        for line in self.data.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def start(self, node: Placed) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: Placed) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def between(self, start: int, end: int) -> str:
        return self.data[start:end].decode()


Change = tuple[int, int, str]


def _changes(node: ast.AST, at: _Positions) -> Iterator[Change]:
    if _is_read_only(node):
        return
    match node:
        case ast.Compare(left, operators, others):
            yield from _operators([left, *others], operators, at)
        case ast.BinOp(left, operator, right) if not (_is_text(left) or _is_text(right)):
            yield from _operators([left, right], [operator], at)
        case ast.BoolOp(operator, values):
            yield from _operators(values, [operator] * (len(values) - 1), at)
        case ast.AugAssign(target, operator, value) if not _is_text(value):
            yield from _operators([target, value], [operator], at)
        # -2 becomes -3, below; 2 would often name the same dimension.
        case ast.UnaryOp(ast.Not() | ast.USub(), operand) if not isinstance(operand, ast.Constant):
            start, end = at.start(node), at.start(operand)
            yield start, end, re.sub(r"^(not\b|-)\s*", "", at.between(start, end))
        case ast.Constant(bool(value)):
            yield at.start(node), at.end(node), repr(not value)
        case ast.Constant(int(value) | float(value)):
            yield at.start(node), at.end(node), repr(value + 1)
        case ast.Return(ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield at.start(node), at.end(node), "return None"
        case ast.Slice():
            yield from (_one_more(bound, "+", at) for bound in (node.lower, node.upper) if bound is not None)
        case ast.Call(ast.Name("range"), [*_, last]):
            yield _one_more(last, "-", at)
        case ast.Call():
            yield from _without_keywords(node, at)
    for part in _parts(node):
        yield from _changes(part, at)


def _operators(operands: list[ast.expr], operators: Sequence[ast.AST], at: _Positions) -> Iterator[Change]:
    for left, operator, right in zip(operands, operators, operands[1:], strict=False):
        if type(operator) in OPERATORS:
            before, after = OPERATORS[type(operator)]
            start, end = at.end(left), at.start(right)
            yield start, end, re.sub(before, after, at.between(start, end), count=1)


def _one_more(bound: ast.expr, sign: str, at: _Positions) -> Change:
    start, end = at.start(bound), at.end(bound)
    return start, end, f"{at.between(start, end)} {sign} 1"


def _without_keywords(call: ast.Call, at: _Positions) -> Iterator[Change]:
    for keyword in call.keywords:
        if keyword.arg is not None and not _is_read_only(keyword):
            start, end = at.start(keyword), at.end(keyword)
            before = at.data.rfind(b",", at.end(call.func), start)
            after = re.match(rb"\s*,\s*", at.data[end:])
            others = [*call.args, *call.keywords]
            if keyword is not others[0] and before >= 0:
                yield before, end, ""
            else:
                yield start, end + (after.end() if after else 0), ""


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_read_only(node: ast.AST) -> bool:
    """Whether what stands here is for readers, people or programs of types, alone."""
    match node:
        case ast.keyword("strict", ast.Constant(True)):  # zip's, which states what holds
            return True
        case ast.Raise() | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test):
            return ast.unparse(test) in ("TYPE_CHECKING", "__name__ == '__main__'")
        case ast.Expr(ast.Call(function)):
            return TELLING.match(ast.unparse(function)) is not None
        case ast.Assign([ast.Name("__all__")]):
            return True
        case ast.ClassDef(bases=bases):
            return any(ast.unparse(base).split("[")[0] == "Protocol" for base in bases)
    return False


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list", "bases", "type_params"):
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    yield part
