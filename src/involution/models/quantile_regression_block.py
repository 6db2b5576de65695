"""The block `quantile_regression` of a study: the effect on quantiles of the outcome beside that on its mean."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.blocks import Run
from involution.models.derived import wald
from involution.models.design import Design
from involution.models.notes import Note
from involution.models.own_design import each_prepared, or_failure, prepared_design
from involution.models.quantile_regression import ESTIMATOR, SCALE, estimate_quantiles
from involution.models.result import Fit
from involution.models.tidy import CURVES, BlockResult, gathered, of_fit
from involution.study.formulas import quoted
from involution.study.heterogeneity import QuantileRegression
from involution.study.sections import Blocks
from involution.study.timing import dated

BLOCK = "quantile_regression"


def run_quantile_regression(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate each quantile regression of a study.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns that do not exist and designs that a rule refuses, those of all sections together.
    """
    parts = [
        or_failure(asked.name, asked, ESTIMATOR, partial(_estimated, asked, design, said))
        for asked, design, said in check_quantile_regression(study, data, run)
    ]
    return gathered(parts, study=run.study, block=BLOCK)


def check_quantile_regression(
    study: Blocks, data: pd.DataFrame, run: Run
) -> list[tuple[QuantileRegression, Design, tuple[Note, ...]]]:
    """Each quantile regression with its design and what the rules have to say; an InputError for what they refuse."""

    def prepare(asked: QuantileRegression) -> tuple[Design, tuple[Note, ...]]:
        treatment = str(asked.treatment)
        return prepared_design(BLOCK, asked, [(treatment, asked.clock.treatment)], treatment, data, run)

    return each_prepared(BLOCK, [asked.completed(study.design) for asked in study.quantile_regression], prepare)


def _estimated(asked: QuantileRegression, design: Design, said: tuple[Note, ...]) -> BlockResult:
    timing = asked.clock
    treatment = dated(str(asked.treatment), timing.treatment)
    regressors = [treatment, *(dated(name, timing.controls) for name in asked.controls or ())]
    formula = f"{quoted(dated(asked.outcome, timing.outcome))} ~ {' + '.join(map(quoted, regressors))}"
    fit = estimate_quantiles(design, formula, asked.quantiles, vcov=asked.vcov, remarks=said)
    if f"{treatment}[{SCALE}]" not in fit.terms:
        raise NotEstimable(f"the fixed effects and other regressors absorb {treatment}, which is to be reported")
    found = of_fit(asked.name, fit)
    tested = pd.DataFrame([_equal(fit, treatment, asked.name)])
    statistics = pd.concat([found.statistics, tested], ignore_index=True)
    curves = _curve(fit, treatment, asked.quantiles).assign(model=asked.name)
    return BlockResult(found.estimates, statistics, found.notes, curves, found.influence)


def _equal(fit: Fit, treatment: str, name: str) -> dict[str, object]:
    """The test that the slope is the same at all quantiles: that the scale does not depend on the treatment."""
    value, restrictions, p_value = wald(fit, [f"{treatment}[{SCALE}]"])
    return {"model": name, "statistic": "equal_quantiles", "value": value, "df": restrictions, "p_value": p_value}


def _curve(fit: Fit, treatment: str, quantiles: list[float]) -> pd.DataFrame:
    """The slope over quantiles."""
    places = [fit.terms.index(f"{treatment}[q={quantile:g}]") for quantile in quantiles]
    columns = {
        "curve": f"quantiles[{treatment}]",
        "x": np.asarray(quantiles, dtype=float),
        "estimate": fit.estimate[places],
        "ci_low": fit.ci_low[places],
        "ci_high": fit.ci_high[places],
    }
    return pd.DataFrame({name: columns[name] for name in CURVES if name in columns})
