"""One model of a block, as its table and its figures read it from the tidy results."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from involution.errors import InputError, Problem, nearest
from involution.exhibits.columns import Column, Results
from involution.exhibits.labels import Labels
from involution.exhibits.said import said_in


def named_or_first(name: str, known: Sequence[str], what: str, section: str, where: str) -> str:
    """A name that is asked for; the first that is known where it is empty.

    Parameters
    ----------
    name : str
    known : sequence of str
    what : str
        What bears the names, for messages: ``mediation``.
    section : str
        Section of the study that gives one.
    where : str
        What asks for it.

    Raises
    ------
    InputError
        When none of this name is known.
    """
    if not known:
        raise InputError(Problem(where, f"the study has no {what}", mend=f"give the section {section}"))
    if name and name not in known:
        raise InputError(Problem(where, f"there is no {what} '{name}'{nearest(name, known)}"))
    return name or known[0]


def model_of(block: str, name: str, results: Results, where: str) -> Column:
    """A model of a block by its name; the block's first where that is empty.

    Raises
    ------
    InputError
        When the block has no such model.
    """
    known = results.models(block)
    if not known:
        raise InputError(Problem(where, f"the study has no {block}", mend=f"give the section {block}"))
    model = name or known[0]
    if model not in known:
        raise InputError(Problem(where, f"the section {block} has no model '{model}'{nearest(model, known)}"))
    return results.column(model)


def curves_of_model(column: Column, results: Results) -> pd.DataFrame:
    """The curves of a model: columns curve, x, estimate, ci_low, ci_high in the order of the results."""
    rows = results.curves[results.curves["model"] == column.model]
    numbers = dict.fromkeys(("x", "estimate", "ci_low", "ci_high"), float)
    return rows[["curve", *numbers]].astype(numbers)


def said_by(model: str, results: Results, labels: Labels, codes: Sequence[str] = ()) -> list[str]:
    """What a model says of itself; only sentences of these codes where any is named."""
    rows = results.notes[results.notes["model"] == model]
    named = rows[rows["code"].isin(codes)] if codes else rows
    return said_in(named, labels)


def value_of(column: Column, term: str, what: str = "estimate") -> float:
    """An entry of a term's row; missing where the model does not have it."""
    found = column.rows.loc[column.rows["term"] == term, what]
    return float(found.iloc[0]) if len(found) else float("nan")
