"""What a fitted regression was asked for and on which columns: enough for another program to repeat it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.inference import Choice
from involution.models.solution import Solution
from involution.study.formulas import Formula

STAGGERED = "callaway_santanna"
"""The one estimator of event studies that is repeated: by cohort and year, without controls."""
AGAIN = "\x1e"
"""Between the name of a column and the number that tells it from another of that name; no column has it in its name."""


@dataclass(frozen=True)
class Origin:
    """What a fit was estimated from.

    Attributes
    ----------
    formula : Formula
    estimator : str
    data : DataFrame
    panel : mapping
        Names of the ``firm`` and ``year`` columns.
    allowed : array of bool, shape (N,)
        Rows that could be used.
    weights : str or None
    mundlak : bool
    solution : Solution
    choice : Choice
    terms : tuple of str
    estimate, std_error : array of float, shape (k,)
        As estimated: what is made of the fit later may differ.
    """

    formula: Formula
    estimator: str
    data: pd.DataFrame
    panel: Mapping[str, str]
    allowed: np.ndarray
    weights: str | None
    mundlak: bool
    solution: Solution
    choice: Choice
    terms: tuple[str, ...]
    estimate: Floats
    std_error: Floats


@dataclass(frozen=True)
class Regressor:
    """A regressor by its term, as the product of columns."""

    term: str
    factors: tuple[str, ...]


@dataclass(frozen=True)
class Absorbed:
    """A fixed effect: the columns whose combination it is, its levels, whether each lies in one cluster."""

    columns: tuple[str, ...]
    levels: int
    nested: bool


@dataclass(frozen=True)
class Recorded:
    """A regression that a study's tables show.

    Attributes
    ----------
    model, formula, estimator, outcome : str
        The estimator is ols, iv, poisson or callaway_santanna where `reason` is empty.
    reason : str
        Why other programs are not told to repeat it; empty where they are. One of ``several`` (regressions together),
        ``estimator:<name>``, ``means`` (of the firm in the place of its effect), ``combined`` (coefficients made of
        those of a regression) and ``rows`` (not those of the panel).
    exogenous, endogenous, instruments : tuple of Regressor
    intercept, singletons : bool
        Whether it has a constant, and whether rows that an effect explains alone are dropped.
    effects : tuple of Absorbed
    redundant : int
        Levels that the effects after the first one have beyond need, counted pair by pair as connected parts.
    cluster : tuple of str
    clusters : tuple of int
        Levels of each.
    weights : str or None
    vcov : str
    small : dict
        The small-sample choices.
    n_obs, n_missing, n_singletons, n_separated : int
    parameters : int
        Coefficients and what is estimated beside them, without the absorbed levels.
    terms : tuple of str
    estimate, std_error : tuple of float or None
        As the tables show them; None where missing.
    sandwich : str
        The variance that every program has, of the same clusters: iid, hetero or crv1; empty for others.
    sandwich_error : tuple of float or None
        Its standard errors; the same as `std_error` where `vcov` is one of these.
    sandwich_factor : float
        Product of the small-sample factors in it.
    repaired : bool
        Whether a two-way variance was not positive and has been mended.
    columns : dict of str to array of float, shape (N,)
        What the regression reads, over all rows of the panel; codes of text are whole numbers from one.
    allowed, used : array of bool, shape (N,)
        Rows that could be used, and those that were.
    """

    model: str
    formula: str
    estimator: str
    outcome: str
    reason: str = ""
    exogenous: tuple[Regressor, ...] = ()
    endogenous: tuple[Regressor, ...] = ()
    instruments: tuple[Regressor, ...] = ()
    intercept: bool = False
    singletons: bool = True
    effects: tuple[Absorbed, ...] = ()
    redundant: int = 0
    cluster: tuple[str, ...] = ()
    clusters: tuple[int, ...] = ()
    weights: str | None = None
    vcov: str = ""
    small: dict[str, Any] = field(default_factory=dict)
    n_obs: int = 0
    n_missing: int = 0
    n_singletons: int = 0
    n_separated: int = 0
    parameters: int = 0
    terms: tuple[str, ...] = ()
    estimate: tuple[float | None, ...] = ()
    std_error: tuple[float | None, ...] = ()
    sandwich: str = ""
    sandwich_error: tuple[float | None, ...] = ()
    sandwich_factor: float = 1.0
    repaired: bool = False
    columns: dict[str, Floats] = field(default_factory=dict)
    allowed: np.ndarray | None = None
    used: np.ndarray | None = None


def shallow(model: Recorded) -> dict[str, Any]:
    """The fields of a regression, nothing copied."""
    return {name: getattr(model, name) for name in Recorded.__dataclass_fields__}


def united_columns(models: Iterable[Recorded], rows: int) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """Regressions as plain data and the columns they read, each once.

    Parameters
    ----------
    models : iterable of Recorded
    rows : int
        Of the panel; a regression on other rows is not repeated.

    Returns
    -------
    list of dict
        ``columns`` maps what a regression calls a column to what the frame calls it; ``allowed`` and ``used`` are
        columns of zeros and ones, ``used`` only where separated rows are left out.
    DataFrame
        One row for each row of the panel.
    """
    frame: dict[str, Floats] = {}
    out = []
    for asked in models:
        other = asked.allowed is not None and len(asked.allowed) != rows
        model = Recorded(asked.model, asked.formula, asked.estimator, asked.outcome, reason="rows") if other else asked
        plain = {name: value for name, value in shallow(model).items() if name not in ("columns", "allowed", "used")}
        plain["effects"] = [asdict(effect) for effect in model.effects]
        for part in ("exogenous", "endogenous", "instruments"):
            plain[part] = [asdict(regressor) for regressor in getattr(model, part)]
        plain["columns"] = {name: _placed(frame, name, values) for name, values in model.columns.items()}
        for name, mask in (("allowed", model.allowed), ("used", model.used if model.n_separated else None)):
            plain[name] = None if mask is None or mask.all() else _placed(frame, name, mask.astype(float))
        out.append(plain)
    return out, pd.DataFrame(frame, index=pd.RangeIndex(rows))


def regressions_frame(regressions: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Regressions as plain data in the rows of a frame, each as JSON."""
    rows = [json.dumps(regression, ensure_ascii=False, allow_nan=False) for regression in regressions]
    return pd.DataFrame({"regression": pd.Series(rows, dtype=str)})


def read_regressions(path: str) -> list[dict[str, Any]]:
    """Regressions from the file that holds the frame of `regressions_frame`."""
    return [json.loads(row) for row in pd.read_parquet(path)["regression"]]


def _placed(frame: dict[str, Floats], name: str, values: Floats) -> str:
    """What the frame calls a column; one of this name that holds something else keeps it, and this gets a number."""
    key, number = name, 1
    while key in frame:
        if np.array_equal(frame[key], values, equal_nan=True):
            return key
        number += 1
        key = f"{name}{AGAIN}{number}"
    frame[key] = values
    return key
