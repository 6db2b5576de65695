"""Walking a checked expression over the columns of a panel."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import nearest
from involution.study.expressions.functions import FUNCTIONS, Context, Value, number, series, text, truth
from involution.study.expressions.language import ExpressionError, parse

_ARITHMETIC: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True)
class Expression:
    """A checked expression.

    Attributes
    ----------
    text : str
        As written.
    columns : tuple of str
        Names it reads, in order of appearance.
    """

    text: str
    columns: tuple[str, ...]
    _tree: ast.expr

    def evaluate(self, frame: pd.DataFrame, *, firm: str = "firm", year: str = "year") -> pd.Series:
        """Values of the expression for every row of the frame.

        Parameters
        ----------
        frame : DataFrame
            One row per firm-year; never changed.
        firm, year : str
            Names of the keys that lags go by.

        Returns
        -------
        Series
            Aligned with ``frame.index``. Arithmetic with missing gives missing, a comparison with missing does
            not hold, the logarithm of what is not positive and a division by zero are missing.

        Raises
        ------
        ExpressionError
            For a column that the frame does not have, or text where a number is needed.
        """
        if unknown := self.unknown([str(column) for column in frame.columns]):
            raise unknown[0]
        context = Context(frame, firm, year)
        try:
            with np.errstate(all="ignore"):
                value = _value(self._tree, context)
        except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
            values = getattr(error, "values", ())
            raise ExpressionError(str(error).split("\n")[0], self.text, 0, values) from None
        return series(context, value).rename(None)

    def unknown(self, columns: Sequence[str]) -> list[ExpressionError]:
        """An error for each name that is not among the columns, with the nearest one."""
        errors = []
        for name in self.columns:
            if name not in columns:
                what = f"there is no column '{name}'{nearest(name, columns)}"
                errors.append(ExpressionError(what, self.text, max(0, self.text.find(name))))
        return errors


def parse_expression(text: str) -> Expression:
    """Parse an expression against the allow-list.

    Raises
    ------
    ExpressionError
        With a caret under the place.
    """
    tree = parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]
    names.sort(key=lambda node: node.col_offset)
    return Expression(text, tuple(dict.fromkeys(node.id for node in names)), tree)


def _value(node: ast.expr, context: Context) -> Value:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return context.frame[node.id]
    if isinstance(node, ast.BinOp):
        return _binary(node, context)
    if isinstance(node, ast.UnaryOp):
        return _unary(node, context)
    if isinstance(node, ast.BoolOp):
        return _logical(node, context)
    if isinstance(node, ast.Compare):
        return _comparison(node, context)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return FUNCTIONS[node.func.id].call(context, *(_value(argument, context) for argument in node.args))
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_value(item, context) for item in node.elts]
    raise TypeError(f"{type(node).__name__} is not allowed")


def _binary(node: ast.BinOp, context: Context) -> Value:
    left, right = number(_value(node.left, context)), number(_value(node.right, context))
    if not isinstance(left, pd.Series) and not isinstance(right, pd.Series):
        left, right = np.float64(left), np.float64(right)
    return _finite(_ARITHMETIC[type(node.op)](left, right))


def _finite(value: Value) -> Value:
    """Infinite results (a division by zero, an overflow) are missing."""
    if isinstance(value, pd.Series):
        return value.where(np.isfinite(value.to_numpy(dtype=float)))
    return float(value) if np.isfinite(value) else np.nan


def _unary(node: ast.UnaryOp, context: Context) -> Value:
    value = _value(node.operand, context)
    if isinstance(node.op, ast.Not):
        held = truth(value)
        return ~held if isinstance(held, pd.Series) else not held
    return -number(value) if isinstance(node.op, ast.USub) else number(value)


def _logical(node: ast.BoolOp, context: Context) -> Value:
    join = operator.and_ if isinstance(node.op, ast.And) else operator.or_
    result = truth(_value(node.values[0], context))
    for part in node.values[1:]:
        result = join(result, truth(_value(part, context)))
    return result


def _comparison(node: ast.Compare, context: Context) -> Value:
    left = _value(node.left, context)
    result: Value = None
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = _value(part, context)
        held = _compare(op, left, right)
        result = held if result is None else operator.and_(result, held)
        left = right
    return result


def _compare(op: ast.cmpop, left: Value, right: Value) -> Value:
    if isinstance(op, (ast.In, ast.NotIn)):
        return _membership(left, right, negated=isinstance(op, ast.NotIn))
    left, right = _comparable(op, left, right)
    held = _COMPARE[type(op)](left, right)
    if not isinstance(held, pd.Series):
        return bool(held)
    known = pd.Series(True, index=held.index)
    for side in (left, right):
        if isinstance(side, pd.Series):
            known &= side.notna()
    return held.fillna(False).astype(bool) & known


def _comparable(op: ast.cmpop, left: Value, right: Value) -> tuple[Value, Value]:
    """Both sides as text when either is (codes are text: region == 110000 means '110000'), else as numbers.

    An order against a number is an order of numbers, also where a file's column came as text.
    """
    ordered = not isinstance(op, (ast.Eq, ast.NotEq))
    both = _is_text(left) and _is_text(right)
    if both or (not ordered and (_is_text(left) or _is_text(right))):
        return text(left), text(right)
    return number(left), number(right)


def _is_text(value: Value) -> bool:
    if isinstance(value, pd.Series):
        return not (pd.api.types.is_numeric_dtype(value) or pd.api.types.is_bool_dtype(value))
    return isinstance(value, str)


def _membership(left: Value, values: list[Value], *, negated: bool) -> Value:
    if not isinstance(left, pd.Series):
        return (left in values) != negated
    as_text = _is_text(left) or any(isinstance(value, str) for value in values)
    column = text(left) if as_text else number(left)
    wanted = [text(value) for value in values] if as_text else [float(value) for value in values]
    held = column.isin(wanted) & column.notna()
    return (~held & column.notna()) if negated else held
