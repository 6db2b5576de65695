"""One model of a block, as its table and its figures read it from the tidy results."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from involution.errors import InputError, Problem, nearest
from involution.exhibits.columns import Column, Results
from involution.exhibits.labels import Labels


def models_of(block: str, results: Results) -> list[str]:
    """Names of a block's models, in order."""
    estimates = results.estimates
    return list(dict.fromkeys(estimates.loc[estimates["block"] == block, "model"].astype(str)))


def model_of(block: str, name: str, results: Results, where: str) -> Column:
    """A model of a block by its name; the block's first where that is empty.

    Raises
    ------
    InputError
        When the block has no such model.
    """
    known = models_of(block, results)
    if not known:
        raise InputError(Problem(where, f"the study has no {block}", mend=f"give the section {block}"))
    model = name or known[0]
    if model not in known:
        raise InputError(Problem(where, f"the section {block} has no model '{model}'{nearest(model, known)}"))
    rows = results.estimates[(results.estimates["model"] == model) & (results.estimates["block"] == block)]
    return Column(model, rows, results.statistics[results.statistics["model"] == model])


def curves_of_model(column: Column, results: Results) -> pd.DataFrame:
    """The curves of a model: columns curve, x, estimate, ci_low, ci_high in the order of the results."""
    rows = results.curves[results.curves["model"] == column.model]
    numbers = dict.fromkeys(("x", "estimate", "ci_low", "ci_high"), float)
    return rows[["curve", *numbers]].astype(numbers)


def said_by(column: Column, results: Results, labels: Labels, codes: Sequence[str] = ()) -> list[str]:
    """What a model says of itself; only sentences of these codes where any is named."""
    rows = results.notes[results.notes["model"] == column.model]
    chosen = rows[rows["code"].isin(codes)] if codes else rows
    return [labels.said(text) for text in chosen[f"text_{labels.language}"]]


def value_of(column: Column, term: str, what: str = "estimate") -> float:
    """An entry of a term's row; missing where the model does not have it."""
    found = column.rows.loc[column.rows["term"] == term, what]
    return float(found.iloc[0]) if len(found) else float("nan")
