"""The safe expression language of study files: parsed against an allow-list, evaluated on a data frame."""

from involution.study.expressions.evaluate import Expression, parse_expression
from involution.study.expressions.language import ExpressionError

__all__ = ["Expression", "ExpressionError", "parse_expression"]
