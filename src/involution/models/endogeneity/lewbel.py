"""Instruments from heteroskedasticity, made of controls where nothing moves the treatment from outside.

With e the residual of the treatment given the controls and fixed effects, and Z a control, (Z - mean) e is an
instrument where Z explains the *variance* of e and has nothing to do with the covariance of e and the outcome's error
(Lewbel 2012, *JBES* 30: 67-80). The second condition is a matter of belief: hence an appendix. Controls are taken
within the fixed effects, as the panel form of the estimator has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.blocks import Run
from involution.models.derived import wald
from involution.models.design import Design
from involution.models.endogeneity.asked import SECTION, Method, Prepared, controls_of, prepared, treatment_of
from involution.models.endogeneity.two_stage import TwoStage, beside, formula, instrumented
from involution.models.notes import Note, note
from involution.models.own_design import or_failure
from involution.models.tidy import BlockResult, of_fit
from involution.study.endogeneity import Endogeneity
from involution.study.timing import dated

SQUARED = "squared_residual"
_UNEXPLAINED = 0.05


def _sources(asked: Endogeneity) -> list[str]:
    """The dated controls that instruments are made of."""
    assert asked.lewbel is not None
    chosen = asked.lewbel.by if asked.lewbel.by is not None else asked.controls or []
    return [dated(name, asked.clock.controls) for name in dict.fromkeys(chosen)]


def _prepare(asked: Endogeneity, data: pd.DataFrame, run: Run) -> Prepared:
    assert asked.lewbel is not None
    where, controls = f"{SECTION}: {asked.name}, lewbel", asked.controls or []
    if not controls:
        raise InputError(Problem(where, "there are no controls to make instruments of", mend="name controls"))
    unknown = [name for name in asked.lewbel.by or () if name not in controls]
    if unknown:
        raise InputError(Problem(f"{where}.by", f"'{unknown[0]}' is not one of the controls {', '.join(controls)}"))
    return prepared(asked, [], data, run)


def generated(design: Design, treatment: str, controls: Sequence[str], sources: Sequence[str]) -> pd.DataFrame:
    """The instruments, one for each source that varies within the fixed effects; missing outside the design's rows.

    Parameters
    ----------
    design : Design
        On complete rows.
    treatment : str
    controls, sources : sequence of str
        Columns.

    Returns
    -------
    DataFrame
        A column for each source under its name, and the squared residual of the treatment, `SQUARED`.

    Raises
    ------
    NotEstimable
        When nothing is left of the treatment, or of every source.
    """
    solution = design.solution(formula(treatment, controls))[0]
    assert solution.linear is not None
    assert solution.residuals is not None
    root = solution.sample.root_weights
    within = solution.linear.exogenous.values / (1.0 if root is None else root[:, None])
    columns = dict(zip(solution.linear.exogenous.names, within.T, strict=True))
    kept = [name for name in sources if name in columns]
    if not kept:
        raise NotEstimable(f"the fixed effects leave nothing of {', '.join(sources)} to make instruments of")
    weights = np.ones(len(within)) if solution.sample.weights is None else solution.sample.weights
    made = {name: (columns[name] - np.average(columns[name], weights=weights)) * solution.residuals for name in kept}
    frame = pd.DataFrame(np.nan, index=design.data.index, columns=[*made, SQUARED])
    frame.iloc[solution.sample.rows] = np.column_stack([*made.values(), solution.residuals**2])
    return frame


def _estimate(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    sources, controls, treatment = _sources(asked), controls_of(asked), treatment_of(asked)
    complete = TwoStage(asked, design, said, (), run).complete()
    made = generated(complete, treatment, controls, sources)
    own = {name: f"lewbel[{name}]" for name in made.columns if name != SQUARED}
    whole = design.on(design.data.assign(**made.rename(columns=own)))
    test = _heteroskedasticity(whole, list(own), asked.vcov)
    model = TwoStage(asked, whole, (*_said(list(own), sources, test), *said), tuple(own.values()), run)

    def second() -> BlockResult:
        fit = instrumented(model)
        return of_fit(asked.name, replace(fit, details=(*fit.details, ("breusch_pagan", *test))))

    return [or_failure(asked.name, asked, "iv", second), beside(model, "first"), beside(model, "ols")]


def _heteroskedasticity(design: Design, sources: Sequence[str], vcov: str | None) -> tuple[float, float, float]:
    """F that the sources do not explain the squared residuals, with clusters (Breusch and Pagan 1979)."""
    fit = design.estimate(formula(SQUARED, sources), vcov="crv3" if vcov == "wild" else vcov)
    return wald(fit, [name for name in sources if name in fit.terms])


def _said(kept: Sequence[str], sources: Sequence[str], test: tuple[float, float, float]) -> list[Note]:
    lost = [name for name in sources if name not in kept]
    said = [note("lewbel", names=", ".join(kept), value=f"{test[0]:.1f}", p=f"{test[2]:.3f}")]
    said += [note("lewbel_homoskedastic")] if not test[2] < _UNEXPLAINED else []
    return said + ([note("lewbel_lost", names=", ".join(lost))] if lost else [])


LEWBEL = Method(_prepare, _estimate, "iv")
