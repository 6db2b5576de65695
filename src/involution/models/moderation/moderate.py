"""One call from a data frame to a moderated effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.design import Design
from involution.models.estimate import selected
from involution.models.facts import facts, varying_level
from involution.models.matrix import AS_NUMBER, check_once, no_column, numbers
from involution.models.moderation.forms import Options
from involution.models.moderation.result import Moderation, moderation_of
from involution.models.moderation.specification import Specification, specified
from involution.models.options import variance_choice
from involution.models.rules import check_design
from involution.study.formulas import parse_formula, quoted


def moderate(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    moderator: Any,
    controls: Sequence[str] | str = (),
    fixed_effects: Sequence[str] | str = (),
    cluster: Sequence[str] | str = (),
    *,
    with_treatment: Sequence[str] | str = (),
    with_moderator: Sequence[str] | str = (),
    product: bool = False,
    estimator: str = "ols",
    vcov: str | None = None,
    draws: int = 9_999,
    seed: int = 0,
    weights: str | None = None,
    singletons: str = "drop",
    where: str | None = None,
    allow_low_cluster: bool = False,
    firm: str = "firm",
    year: str = "year",
) -> Moderation:
    """How the effect of a treatment depends on moderators.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year, with every column at the year at which it is used.
    outcome, treatment : str
    moderator : str, mapping or sequence of these
        A column, or ``{"by": column, "about": value}``; several are taken jointly.
    controls : sequence of str
    fixed_effects : sequence of str
        Columns, or ``a^b`` for a combination.
    cluster : sequence of str
        None, one or two columns; by default the level of an industry-level measure.
    with_treatment : sequence of str
        Columns that are multiplied by the treatment too: rivals of the moderator.
    with_moderator : sequence of str
        Columns that are multiplied by each moderator.
    product : bool
        With two moderators: their product, and the treatment times it.
    estimator : {"ols", "poisson"}
    vcov : str, optional
        hetero, crv1, crv3 or wild; crv3 with clusters and hetero without unless named.
    draws, seed : int
        Of uniform bands and of the wild bootstrap.
    weights : str, optional
    singletons : {"drop", "keep"}
    where : str, optional
        Expression; only rows for which it holds are used.
    allow_low_cluster : bool
        Permit clusters below the level at which an industry-level measure varies.
    firm, year : str
        Keys; products are demeaned within them.

    Returns
    -------
    Moderation
        `tidy` is the headline, whose interaction is ``x:w``; `effects` the effects at values of the moderator;
        `compared` sets the forms side by side.

    Raises
    ------
    InputError
        For names that do not exist, a firm with two rows in a year, options that do not go together and designs that a
        rule refuses.

    Notes
    -----
    The headline multiplies the treatment, demeaned within the firm, by the moderator, demeaned within firm and year,
    and gives the treatment an effect in every year: `involution.models.moderation.demeaning` says why.
    """
    specification = specified(
        outcome, treatment, moderator, controls, with_treatment, with_moderator, product=product, estimator=estimator
    )
    panel = {"firm": firm, "year": year}
    check_columns(specification, data, panel)
    rows = np.ones(len(data), dtype=bool) if where is None else selected(where, data, panel)
    check_once(data, panel, rows)
    known = facts(None, None)
    named = [cluster] if isinstance(cluster, str) else list(cluster)
    effects = [fixed_effects] if isinstance(fixed_effects, str) else list(fixed_effects)
    formula = parse_formula(main_formula(specification, effects))
    chosen, said = check_design(formula, data, rows, named, vcov, known, panel, allow_low_cluster=allow_low_cluster)
    kind = vcov or ("crv3" if chosen else "hetero")
    check_variance(kind, chosen, estimator)
    design = Design(data, effects, chosen, weights=weights, singletons=singletons, rows=rows, **panel)
    level = varying_level(treatment, known)
    return moderation_of(specification, design, Options(kind, draws, seed), said, level if level != "firm" else "")


def main_formula(specification: Specification, fixed_effects: Sequence[str]) -> str:
    """The main effects and interactions as a formula, for the rules."""
    terms = [quoted(name) for name in specification.main]
    terms += [":".join(map(quoted, columns)) for columns in specification.interactions]
    effects = f" | {' + '.join(fixed_effects)}" if fixed_effects else ""
    return f"{quoted(specification.outcome)} ~ {' + '.join(terms)}{effects}"


def check_variance(vcov: str, cluster: Sequence[str], estimator: str) -> None:
    """Raise an InputError for a variance that is not built for an estimator, or needs clusters."""
    variance_choice(vcov, cluster, None, 99, 0)
    if vcov == "wild" and estimator == "poisson":
        what = "the wild cluster bootstrap is built for least squares only"
        raise InputError(Problem("vcov", what, mend="use crv3 or crv1"))


def check_columns(specification: Specification, data: pd.DataFrame, panel: Mapping[str, str]) -> None:
    """Raise an InputError for columns that are not there or hold text, all together."""
    problems = []
    moderating = specification.moderating
    for name in (specification.outcome, *specification.main, *panel.values()):
        if name not in data.columns:
            problems.append(Problem("", no_column(name, data.columns)))
        elif name not in panel.values():
            try:
                numbers(data, name)
            except InputError as error:
                place = "moderator" if name in moderating else ""
                problems += [
                    Problem(place or found.where, f"column '{name}' {found.what}", found.rows, AS_NUMBER)
                    for found in error.problems
                ]
    if problems:
        raise InputError(problems)
