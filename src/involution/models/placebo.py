"""The block `placebo` of a study: the baseline with the treatment's paths handed from industry to industry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from involution.models.blocks import Run, spawned_seed
from involution.models.design import Design
from involution.models.distributions import t_p_values
from involution.models.exposure.curves import curve, histogram
from involution.models.facts import leaves_firm_out
from involution.models.matrix import in_sample
from involution.models.notes import Note, note
from involution.models.own_design import each_prepared, formula_of, or_failure, prepared_design
from involution.models.permutation.shuffled import Shuffled, percentiles, permutation_p, shuffled
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.tidy import BlockResult, gathered, of_fit, statistic_rows
from involution.models.treatment_level import exchanging_level
from involution.study.placebo import Placebo
from involution.study.sections import Blocks
from involution.study.timing import dated, dated_definitions

BLOCK, ESTIMATOR = "placebo", "ols"
MOST_DRAWS = 999
"""Permutations where a section names none and the run has more draws."""
DRAWS = "placebo_draws"
"""The curve of the permutations: x is the coefficient, the estimate its own p-value."""
_PERCENTILES = (2.5, 5, 50, 95, 97.5)
_FEW = 10_000


def run_placebo(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate each placebo test of a study.

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
        or_failure(asked.name, asked, ESTIMATOR, partial(_estimated, asked, design, said, run))
        for asked, design, said in check_placebo(study, data, run)
    ]
    return gathered(parts, study=run.study, block=BLOCK)


def check_placebo(study: Blocks, data: pd.DataFrame, run: Run) -> list[tuple[Placebo, Design, tuple[Note, ...]]]:
    """Each placebo test with its design and what the rules have to say; an InputError for what they refuse."""

    def prepare(asked: Placebo) -> tuple[Design, tuple[Note, ...]]:
        treatment = str(asked.treatment)
        columns = [(treatment, asked.clock.treatment)]
        found = prepared_design(BLOCK, asked, columns, treatment, data, run)
        _level(asked, data, run)
        return found

    return each_prepared(BLOCK, [asked.completed(study.design) for asked in study.placebo], prepare)


def _level(asked: Placebo, data: pd.DataFrame, run: Run) -> str:
    """The column whose units exchange paths: that at whose level the treatment varies unless one is named."""
    rows = in_sample(data)
    return exchanging_level(asked.level, [str(asked.treatment)], data, rows, run.known)


def _estimated(asked: Placebo, design: Design, said: tuple[Note, ...], run: Run) -> BlockResult:
    timing, treatment = asked.clock, dated(str(asked.treatment), asked.clock.treatment)
    known = run.known.defining(dated_definitions([(str(asked.treatment), timing.treatment)]))
    controls = [dated(name, timing.controls) for name in asked.controls or ()]
    formula = formula_of(dated(asked.outcome, timing.outcome), [treatment, *controls], None)
    draws, seed = run.draws_of(asked.draws, MOST_DRAWS), spawned_seed(run.seed, asked.name)
    vcov, level = str(asked.vcov), _level(asked, design.data, run)
    fit = design.estimate(formula, vcov=vcov, draws=run.draws, seed=seed, remarks=said)
    # The wild bootstrap has no standard error of its own: its t statistics are crv1's.
    compared = "crv1" if vcov == "wild" else vcov
    found = shuffled(
        design, formula, treatment, level, compared, draws, seed, leaves_out=leaves_firm_out(treatment, known)
    )
    part = of_fit(
        asked.name, replace(fit, remarks=(*fit.remarks, *_remarks(found, fit, treatment, draws, seed, design)))
    )
    statistics = pd.concat([part.statistics, statistic_rows(asked.name, _details(found, fit))], ignore_index=True)
    return replace(part, statistics=statistics, curves=_curves(found, fit).assign(model=asked.name))


def _details(found: Shuffled, fit: Fit) -> list[Row]:
    permuted = found.estimate[1:][found.drawn]
    own = t_p_values(found.statistic[1:][found.drawn], fit.degrees_of_freedom)
    values = {
        "placebo_draws": float(len(permuted)),
        "placebo_mean": float(permuted.mean()) if len(permuted) else np.nan,
        "placebo_sd": float(permuted.std(ddof=1)) if len(permuted) > 1 else np.nan,
        **{
            f"placebo_percentile[{at:g}]": value
            for at, value in zip(_PERCENTILES, percentiles(permuted, _PERCENTILES), strict=True)
        },
        "placebo_rejected[5%]": float((own < 0.05).mean()) if len(own) else np.nan,
        "placebo_units": float(found.paths.n_units),
        "placebo_units_moving": float(len(found.paths.moving)),
        "placebo_rows_moving": found.moving_rows / fit.n_obs,
        "placebo_within_share": float(found.paths.within[0]),
    }
    tests = {"placebo_p": permutation_p(found.estimate), "placebo_p_t": permutation_p(found.statistic)}
    rows: list[Row] = [(name, value, np.nan, value) for name, value in tests.items()]
    return rows + [(name, value, np.nan, np.nan) for name, value in values.items() if not np.isnan(value)]


def _remarks(found: Shuffled, fit: Fit, treatment: str, draws: int, seed: int, design: Design) -> list[Note]:
    paths, level = found.paths, found.paths.level
    years = design.data[design.panel["year"]].iloc[fit.rows]
    first, last = f"{years.min():.0f}", f"{years.max():.0f}"
    fixed_rows = 1 - found.moving_rows / fit.n_obs
    moving = len(paths.moving)
    said = [
        note("placebo_paths", draws=draws, seed=str(seed), level=level, treatment=treatment, first=first, last=last),
        note(
            "placebo_units", moving=moving, units=paths.n_units, level=level, fixed=paths.n_units - moving,
            share=_percent(fixed_rows),
        ),
    ]  # fmt: skip
    if fixed_rows > 0.5:
        said.append(note("placebo_mostly_fixed"))
    if paths.leaves_out[0]:
        said.append(note("placebo_leave_out", treatment=treatment, level=level, share=_percent(paths.within[0])))
    elif paths.within[0] > 1e-12:
        said.append(note("placebo_own", treatment=treatment, level=level, share=_percent(paths.within[0])))
    label = fit.vcov_label if not fit.vcov_label.startswith("wild") else fit.vcov_label.replace("wild", "crv1")
    said.append(note("placebo_p", vcov=label))
    return said + _rare(found, draws)


def _rare(found: Shuffled, draws: int) -> list[Note]:
    """What is said of few possible permutations, of those without an estimate, and of estimating each anew."""
    sizes = [len(members) for members in found.paths.classes]
    possible = math.prod(math.factorial(min(size, 20)) for size in sizes)
    said = [note("placebo_few", count=possible, smallest=f"{1 / possible:.2g}")] if possible < _FEW else []
    lost = draws - int(found.drawn.sum())
    said += [note("placebo_unidentified", count=lost)] if lost else []
    return said + ([] if found.by_products else [note("placebo_again", level=found.paths.level)])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _curves(found: Shuffled, fit: Fit) -> pd.DataFrame:
    """Density of the permuted coefficients, and each with its own p-value."""
    estimate, statistic = found.estimate[1:][found.drawn], found.statistic[1:][found.drawn]
    if not len(estimate):
        return histogram(np.zeros(0), BLOCK)
    own = curve(DRAWS, estimate, t_p_values(statistic, fit.degrees_of_freedom))
    return pd.concat([histogram(estimate, BLOCK), own], ignore_index=True)


def names_of_curves() -> Sequence[str]:
    """Curves that each placebo test has."""
    return (f"{BLOCK}_histogram", f"{BLOCK}_density", DRAWS)
