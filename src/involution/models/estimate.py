"""One call from a formula and a data frame to a fitted model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.models.design import Design
from involution.models.facts import facts
from involution.models.matrix import check_names
from involution.models.result import Fit
from involution.models.rules import Refused, check_design, subjects
from involution.study.formulas import effect_label, parse_formula


def estimate(
    formula: str,
    data: pd.DataFrame,
    estimator: str = "ols",
    cluster: Sequence[str] | str = (),
    *,
    vcov: str | None = None,
    weights: str | None = None,
    small_sample: Mapping[str, Any] | None = None,
    conley: Mapping[str, Any] | None = None,
    singletons: str = "drop",
    where: str | None = None,
    draws: int = 9_999,
    seed: int = 0,
    mundlak: bool = False,
    firm: str = "firm",
    year: str = "year",
    allow_low_cluster: bool = False,
    dictionary: pd.DataFrame | None = None,
    definitions: Mapping[str, str] | None = None,
) -> Fit:
    """Estimate a model.

    Parameters
    ----------
    formula : str
        ``y ~ x1 + x2 | firm + year``, with instruments ``y ~ x1 | firm + year | endogenous ~ instrument``.
    data : DataFrame
        One row per firm-year. Rows with a missing value in a column of the model are dropped and counted.
    estimator : str
        ols, poisson, iv, random_effects, logit, probit, cloglog, fractional_logit, fractional_probit, glm:<family>.
    cluster : sequence of str
        None, one or two columns. Without any, an industry-level measure among the main effects is clustered by
        industry.
    vcov : str, optional
        iid, hetero, crv1, crv3, wild, driscoll_kraay, conley; by default crv1 with clusters, hetero without.
    weights : str, optional
        Column of weights; rows with weight zero are dropped.
    small_sample : mapping, optional
        ``observations`` (bool, default True), ``fixed_effects`` (none, nonnested (default), full), ``clusters``
        (bool, default True).
    conley : mapping, optional
        For ``vcov="conley"``: ``cutoff`` in kilometres, ``kernel`` (uniform, bartlett), ``lags`` (years), ``latitude``,
        ``longitude`` (columns in degrees, of these names by default).
    singletons : {"drop", "keep"}
    where : str, optional
        Expression; only rows for which it holds are used.
    draws, seed : int
        Of the wild cluster bootstrap.
    mundlak : bool
        Put the firm's means of the regressors in the place of the firm's fixed effect: for logit and what follows it
        in the list of estimators, which cannot absorb it.
    firm, year : str
        Names of the panel's keys.
    allow_low_cluster : bool
        Permit clusters below the level at which an industry-level measure varies.
    dictionary : DataFrame, optional
        Measures with their level, as `involution.measures.dictionary` gives; the registry's by default.
    definitions : mapping of str to str, optional
        Expressions that columns of the data were made by, so that the rules see through them.

    Returns
    -------
    Fit

    Raises
    ------
    FormulaError
        When the formula does not parse.
    InputError
        For names that do not exist, options that are not known and designs that a rule refuses.
    NotEstimable
        When the data do not support the model.

    Examples
    --------
    >>> import pandas as pd, involution as inv
    >>> data = pd.DataFrame({"y": [1.0, 2, 4, 3, 6, 8], "x": [0.0, 1, 2, 1, 3, 4], "firm": list("aaabbb")})
    >>> inv.estimate("y ~ x | firm", data, vcov="iid").tidy().round(3)["estimate"].tolist()
    [1.6]
    """
    parsed = parse_formula(formula)
    check_names(parsed, data.columns)
    panel = {"firm": firm, "year": year}
    rows = np.ones(len(data), dtype=bool) if where is None else selected(where, data, panel)
    known = facts(dictionary, definitions)
    named = [cluster] if isinstance(cluster, str) else list(cluster)
    chosen, said = check_design(parsed, data, rows, named, vcov, known, panel, allow_low_cluster=allow_low_cluster)
    design = Design(
        data,
        [effect_label(effect) for effect in parsed.fixed_effects],
        chosen,
        weights=weights,
        singletons=singletons,
        rows=rows,
        firm=firm,
        year=year,
    )
    fit = design.estimate(
        parsed,
        estimator=estimator,
        vcov=vcov,
        small_sample=small_sample,
        conley=conley,
        draws=draws,
        seed=seed,
        mundlak=mundlak,
        remarks=said,
    )
    refuse_absorbed(fit, [subject.term for subject in subjects(parsed, known)])
    return fit


def selected(where: str, data: pd.DataFrame, panel: Mapping[str, str]) -> np.ndarray:
    """Rows for which an expression holds; a missing comparison does not."""
    from involution.study.expressions import ExpressionError, parse_expression

    try:
        values = parse_expression(where).evaluate(data, firm=panel["firm"], year=panel["year"])
    except ExpressionError as error:
        raise InputError(Problem("where", str(error))) from None
    return np.asarray(values.fillna(False).astype(bool).to_numpy())


def refuse_absorbed(fit: Fit, terms: Sequence[str]) -> None:
    """Raise Refused when the fixed effects absorb a treatment that is to be reported."""
    lost = [
        name for remark in fit.remarks if remark.code == "absorbed" for name in dict(remark.values)["names"].split(", ")
    ]
    taken = [term for term in terms if term in lost]
    if taken:
        raise Refused(
            f"the fixed effects {' + '.join(fit.fixed_effects)} absorb {', '.join(taken)}, which is to be reported"
        )
