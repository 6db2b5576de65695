"""Which expressions are allowed.

The text is parsed by Python's `ast` and every node is held against an allow-list: names, numbers, text,
arithmetic, comparisons, ``and or not in``, and calls of the functions of `involution.study.expressions.functions`.
Nothing is ever executed by Python: `involution.study.expressions.evaluate` walks the tree.
"""

from __future__ import annotations

import ast
import contextlib
import io
import tokenize
import warnings
from collections.abc import Hashable, Iterator

from involution.errors import nearest
from involution.study.expressions.functions import FUNCTIONS
from involution.study.hints import equality_hint, shift_hint

MAXIMUM_LENGTH = 2_000
MAXIMUM_DEPTH = 50
MAXIMUM_NODES = 500
MAXIMUM_EXPONENT = 64

_BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.Mod, ast.FloorDiv)
_UNARY = (ast.USub, ast.UAdd, ast.Not)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)
_NAMES = {
    ast.Attribute: "reading an attribute",
    ast.Subscript: "indexing",
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.List: "a list that is not after 'in'",
    ast.Tuple: "a list that is not after 'in'",
    ast.JoinedStr: "a formatted text",
    ast.NamedExpr: "an assignment",
    ast.Starred: "unpacking",
    ast.IfExp: "if ... else (write where(condition, a, b))",
    ast.Await: "await",
    ast.Yield: "yield",
}


class ExpressionError(ValueError):
    """An expression that is not allowed or does not parse; the message carries a caret under the place.

    Parameters
    ----------
    message : str
    text : str
        The expression as written.
    position : int
        Zero-based offset of the offending character.
    values : tuple of (label, value)
        Where values of the data are at fault, the first of them and their rows.
    """

    def __init__(
        self, message: str, text: str, position: int = 0, values: tuple[tuple[Hashable, object], ...] = ()
    ) -> None:
        self.message, self.text, self.position, self.values = message, text, max(0, position), values
        shown = " ".join(text[:200].splitlines())
        super().__init__(f"{message}\n    {shown}\n    {' ' * min(self.position, len(shown))}^")

    def __reduce__(self) -> tuple[type[ExpressionError], tuple[object, ...]]:
        return ExpressionError, (self.message, self.text, self.position, self.values)


def parse(text: str) -> ast.expr:
    """Parse and check one expression.

    Raises
    ------
    ExpressionError
        For anything outside the allow-list or its bounds (2,000 characters, 50 levels, 500 nodes, literal
        exponents up to 64).
    """
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError("the expression is empty", str(text))
    if len(text) > MAXIMUM_LENGTH:
        raise ExpressionError(f"longer than {MAXIMUM_LENGTH:,} characters", text)
    single = text.strip().replace("\n", " ").replace("\r", " ")
    if any(symbol in single for symbol in "\x00\f\v"):
        raise ExpressionError("this character has no place in an expression", single)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(single, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(_syntax_message(error, single), single, (error.offset or 1) - 1) from None
    except UnicodeError:
        raise ExpressionError("this character has no place in an expression", ascii(single)) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise ExpressionError(f"nested deeper than {MAXIMUM_DEPTH} levels", single) from None
    _check_comment(single)
    _check_size(tree, single)
    _count_characters(tree, single)
    _check_node(tree, single)
    return tree


def _count_characters(tree: ast.expr, text: str) -> None:
    """Places in characters: Python counts bytes, of which a Chinese name has three a character."""
    raw = text.encode()
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset = len(raw[: node.col_offset].decode(errors="ignore"))


def _syntax_message(error: SyntaxError, text: str) -> str:
    if hint := equality_hint(text):
        return f"it does not parse{hint}"
    return f"it does not parse ({error.msg})" if error.msg else "it does not parse"


def _check_comment(text: str) -> None:
    """Python would read what follows a '#' as a comment and leave it out."""
    comments: list[int] = []
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        comments += [token.start[1] for token in tokens if token.type == tokenize.COMMENT]
    if comments:
        raise ExpressionError("'#' has no place in an expression; a product is written x * z", text, comments[0])


def _check_size(tree: ast.expr, text: str) -> None:
    nodes, level = 0, [tree]
    depth = 0
    while level:
        depth += 1
        nodes += len(level)
        if depth > MAXIMUM_DEPTH:
            raise ExpressionError(f"nested deeper than {MAXIMUM_DEPTH} levels", text)
        if nodes > MAXIMUM_NODES:
            raise ExpressionError(f"more than {MAXIMUM_NODES} parts", text)
        level = [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _check_node(node: ast.expr, text: str) -> None:
    if isinstance(node, ast.Constant):
        _check_constant(node, text)
    elif isinstance(node, ast.BinOp):
        _check_binary(node, text)
    elif isinstance(node, ast.UnaryOp):
        _require(isinstance(node.op, _UNARY), "this operator is not allowed", node, text)
    elif isinstance(node, ast.Compare):
        _require(all(isinstance(op, _COMPARISONS) for op in node.ops), "'is' is not allowed; write ==", node, text)
        _check_membership(node, text)
    elif isinstance(node, ast.Call):
        _check_call(node, text)
    elif isinstance(node, ast.Name):
        _require(not node.id.startswith("__"), f"the name '{node.id}' is not allowed", node, text)
    elif not isinstance(node, ast.BoolOp):
        hint = shift_hint(ast.unparse(node)) if isinstance(node, ast.Attribute) else ""
        message = f"{_NAMES.get(type(node), type(node).__name__)} is not allowed{hint}"
        raise ExpressionError(message, text, node.col_offset)
    for child in _children(node):
        _check_node(child, text)


def _children(node: ast.expr) -> Iterator[ast.expr]:
    """Sub-expressions that are values: a called function's name is not, of a list after 'in' the items are."""
    lists = _lists(node) if isinstance(node, ast.Compare) else []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.List, ast.Tuple)) and child in lists:
            yield from child.elts
        elif isinstance(child, ast.expr) and not (isinstance(node, ast.Call) and child is node.func):
            yield child


def _lists(node: ast.Compare) -> list[ast.expr]:
    """What stands on the right of each 'in'."""
    return [right for op, right in zip(node.ops, node.comparators, strict=True) if isinstance(op, (ast.In, ast.NotIn))]


def _require(holds: bool, message: str, node: ast.expr, text: str) -> None:
    if not holds:
        raise ExpressionError(message, text, node.col_offset)


def _check_constant(node: ast.Constant, text: str) -> None:
    allowed = isinstance(node.value, (bool, int, float, str))
    _require(allowed, f"the value {node.value!r} is not allowed", node, text)
    huge = isinstance(node.value, int) and abs(node.value) > 10**18
    _require(not huge, "this number is too large", node, text)


def _check_binary(node: ast.BinOp, text: str) -> None:
    if isinstance(node.op, ast.BitXor):
        raise ExpressionError("'^' is not a power here; write **", text, node.right.col_offset - 1)
    _require(isinstance(node.op, _BINARY), "this operator is not allowed (use and, or, not)", node, text)
    if isinstance(node.op, ast.Pow):
        exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        power = exponent.value if isinstance(exponent, ast.Constant) else None
        _require(
            isinstance(power, (int, float)) and abs(power) <= MAXIMUM_EXPONENT,
            f"an exponent is a number of at most {MAXIMUM_EXPONENT}",
            node.right,
            text,
        )


def _check_membership(node: ast.Compare, text: str) -> None:
    for right in _lists(node):
        listed = isinstance(right, (ast.List, ast.Tuple)) and all(_literal(item) for item in right.elts)
        _require(listed, "after 'in' a list of values is expected, as ['11', '12']", right, text)


def _literal(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(inner, ast.Constant)


def _check_call(node: ast.Call, text: str) -> None:
    if not isinstance(node.func, ast.Name):
        raise ExpressionError("only the functions of the language can be called", text, node.col_offset)
    name = node.func.id
    _require(name != "I", "I() belongs to formulas; here x**2 is written as it is", node, text)
    if name not in FUNCTIONS:
        hint = nearest(name, FUNCTIONS) or f"; there are {', '.join(FUNCTIONS)}"
        raise ExpressionError(f"there is no function '{name}'{hint}", text, node.col_offset)
    _require(not node.keywords, f"{name}() takes its arguments by position", node, text)
    function = FUNCTIONS[name]
    least, most = function.least, function.most
    if not least <= len(node.args) <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise ExpressionError(f"{name}() takes {expected} arguments, found {len(node.args)}", text, node.col_offset)
    for position in function.literal:
        if position < len(node.args):
            _require(
                _literal(node.args[position]),
                f"argument {position + 1} of {name}() is a value written out, not a column",
                node.args[position],
                text,
            )
