"""Columns taken at other years than the row's own, for blocks that share one clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from involution.errors import InputError, Problem
from involution.models.matrix import no_column
from involution.study.expressions import ExpressionError, parse_expression
from involution.study.timing import dated_definitions


def with_dated(
    data: pd.DataFrame,
    columns: Iterable[tuple[str, int]],
    where: str,
    unavailable: Mapping[str, str] | None = None,
    keys: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The data with columns taken at other calendar years beside them.

    Parameters
    ----------
    data : DataFrame
        The whole population, so that the sample takes no year away.
    columns : iterable of (str, int)
        Column and years from the row's own; a column of the own year stays as it is.
    where : str
        Section of the study, for messages.
    unavailable : mapping of str to str, optional
        Measures that the panel does not have, with the reason.
    keys : mapping of str to str, optional
        By column, the key of the section that names it, for messages.

    Returns
    -------
    DataFrame
    dict of str to str
        The expression of each column made.

    Raises
    ------
    InputError
        For columns that the data do not have, all together.
    """
    pairs = list(dict.fromkeys(columns))
    problems = [
        Problem(f"{where}.{keys[name]}" if keys and name in keys else where, no_column(name, data.columns, unavailable))
        for name in dict.fromkeys(name for name, _ in pairs)
        if name not in data.columns
    ]
    if problems:
        raise InputError(problems)
    definitions = dated_definitions(pairs)
    made: dict[str, pd.Series] = {}
    for name, text in definitions.items():
        if name not in data.columns:
            try:
                made[name] = parse_expression(text).evaluate(data)
            except ExpressionError as error:
                raise InputError(Problem(f"{where}: {name}", str(error))) from None
    return data.assign(**made), definitions
