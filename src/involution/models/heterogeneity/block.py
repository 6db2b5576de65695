"""The block `heterogeneity` of a study: the effect by group, and three tests that groups differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem, each
from involution.models.baseline import usual_estimator
from involution.models.blocks import Run, spawned_seed
from involution.models.design import Design
from involution.models.facts import Facts
from involution.models.heterogeneity.groups import Groups, grouped
from involution.models.heterogeneity.regressions import Asked, interaction, of_group, stacked
from involution.models.heterogeneity.tested import permutation_rows
from involution.models.notes import Note, note
from involution.models.own_design import or_failure, prepared_design
from involution.models.result import Fit
from involution.models.tasks import PANEL
from involution.models.tidy import BlockResult, gathered, of_failure, of_fit
from involution.study.block_names import heterogeneity_names
from involution.study.design import PaperDesign
from involution.study.heterogeneity import DRAWS, TESTS, Heterogeneity, Test
from involution.study.sections import Blocks
from involution.study.timing import dated

BLOCK = "heterogeneity"


@dataclass(frozen=True)
class Prepared:
    """A section with everything that its models need.

    Attributes
    ----------
    asked : Heterogeneity
        Completed.
    regression : Asked
    design : Design
        On rows that are in one of the groups.
    groups : Groups
    tests : tuple of str
    known : Facts
    remarks : tuple of Note
        What the rules say of all rows, and how groups are made.
    """

    asked: Heterogeneity
    regression: Asked
    design: Design
    groups: Groups
    tests: tuple[Test, ...]
    known: Facts
    remarks: tuple[Note, ...]


def run_heterogeneity(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate the effect by group that each section of a study asks for, and compare the groups.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns and groups that do not exist and designs that a rule refuses, those of all sections together.
    """
    parts = [part for prepared in check_heterogeneity(study, data, run) for part in _parts(prepared, run)]
    return gathered(parts, study=run.study, block=BLOCK)


def check_heterogeneity(study: Blocks, data: pd.DataFrame, run: Run) -> list[Prepared]:
    """Each section ready to be estimated; the mistakes of all of them together.

    Raises
    ------
    InputError
    """
    whole = [asked.completed(study.design) for asked in study.heterogeneity]
    prepare = partial(_prepared, design=study.design, data=data, run=run)
    return each(whole, prepare, lambda asked: f"{BLOCK}: {asked.name}")


def _prepared(asked: Heterogeneity, design: PaperDesign | None, data: pd.DataFrame, run: Run) -> Prepared:
    timing, treatment = asked.clock, str(asked.treatment)
    if asked.at == "row" and asked.by == asked.outcome:
        what = f"'{asked.by}' is the outcome: groups by its own value select on it"
        raise InputError(Problem("by", what, mend="take at: first, or the section quantile_regression"))
    whole, said = prepared_design(BLOCK, asked, [(treatment, timing.treatment)], treatment, data, run)
    groups = grouped(asked, whole.data, whole.rows, PANEL["firm"], PANEL["year"])
    estimator = asked.estimator or _estimator(asked.outcome, design, run.dictionary)
    regression = Asked(
        outcome=dated(asked.outcome, timing.outcome),
        treatment=dated(treatment, timing.treatment),
        controls=tuple(dated(name, timing.controls) for name in asked.controls or ()),
        estimator=estimator,
        vcov=asked.vcov,
        draws=run.draws,
        seed=spawned_seed(run.seed, asked.name),
        allow_low_cluster=bool(asked.allow_low_cluster),
    )
    _check_fits(asked, estimator)
    tests = tuple(asked.test or [test for test in TESTS if estimator == "ols" or test != "permutation"])
    unsaid = asked.test is None and estimator != "ols"
    remarks = (*said, *groups.remarks, *([note("heterogeneity_no_permutation")] if unsaid else []))
    known = whole.on(rows=whole.rows & groups.known)
    return Prepared(asked, regression, known, groups, tests, run.known, remarks)


def _estimator(outcome: str, design: PaperDesign | None, dictionary: pd.DataFrame) -> str:
    """Poisson for counts and where the design says so, else least squares."""
    named = {item.name: item.estimator for item in (design.outcomes if design else ())}
    found = named.get(outcome) or usual_estimator(outcome, dictionary)
    return found if found == "poisson" else "ols"


def _check_fits(asked: Heterogeneity, estimator: str) -> None:
    """What the section itself cannot tell where the estimator is that of the outcome's type."""
    if estimator == "poisson" and "permutation" in (asked.test or ()):
        what = f"the permutation test is built for least squares, and '{asked.outcome}' is estimated by Poisson"
        raise InputError(Problem("test", what, mend="take interaction and stacked, or name estimator: ols"))
    if estimator == "poisson" and asked.vcov == "wild":
        what = f"the wild cluster bootstrap is built for least squares, and '{asked.outcome}' is estimated by Poisson"
        raise InputError(Problem("vcov", what, mend="take crv3 or crv1"))


def _parts(prepared: Prepared, run: Run) -> Iterator[BlockResult]:
    """The groups' own regressions, then the models that compare those that could be estimated."""
    fits: dict[str, Fit] = {}
    for group in prepared.groups.order:
        name = f"{prepared.asked.name}[{group}]"
        try:
            fits[group] = _of_group(prepared, group)
            yield of_fit(name, fits[group])
        except NotEstimable as error:
            yield _failed(prepared, name, str(error))
    names = heterogeneity_names(prepared.asked)
    if len(fits) < 2:
        why = f"groups of {prepared.asked.by} with an estimate: {len(fits)}; a comparison takes two"
        for test in prepared.tests:
            yield _failed(prepared, names[test], why)
        return
    compared = _compared(prepared, fits)
    for test in prepared.tests:
        make = partial(_MAKES[test], names[test], compared, run)
        yield or_failure(names[test], prepared.asked, prepared.regression.estimator, make)


def _of_group(prepared: Prepared, group: str) -> Fit:
    """A group's own regression; what the rules say of all rows is said of its own."""
    return of_group(
        prepared.regression, prepared.design, prepared.groups, group, prepared.known, prepared.groups.remarks
    )


def _compared(prepared: Prepared, fits: dict[str, Fit]) -> Prepared:
    """The same on the rows that the groups' own regressions use, with the groups that have one."""
    rows = np.zeros(len(prepared.design.data), dtype=bool)
    for fit in fits.values():
        rows[fit.rows] = True
    groups = replace(prepared.groups, order=tuple(fits))
    return replace(prepared, groups=groups, design=prepared.design.on(rows=rows))


def _failed(prepared: Prepared, name: str, why: str) -> BlockResult:
    return of_failure(
        name,
        why,
        estimator=prepared.regression.estimator,
        outcome=prepared.regression.outcome,
        fixed_effects=prepared.asked.fixed_effects or (),
    )


def _regression(
    compare: Callable[[Asked, Design, Groups, Sequence[Note]], Fit], name: str, prepared: Prepared, run: Run
) -> BlockResult:
    del run  # seeds are those of the section
    return of_fit(name, compare(prepared.regression, prepared.design, prepared.groups, prepared.remarks))


def _permutation(name: str, prepared: Prepared, run: Run) -> BlockResult:
    asked = prepared.asked
    return permutation_rows(
        name, prepared.regression, prepared.design, prepared.groups, prepared.remarks,
        kind=asked.permute, draws=run.draws_of(asked.draws, DRAWS), seed=spawned_seed(run.seed, name),
    )  # fmt: skip


_MAKES: dict[str, Callable[[str, Prepared, Run], BlockResult]] = {
    "interaction": partial(_regression, interaction),
    "stacked": partial(_regression, stacked),
    "permutation": _permutation,
}
"""What makes the rows of each comparison."""
