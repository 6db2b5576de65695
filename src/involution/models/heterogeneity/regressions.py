r"""The effect in each group, and its differences between groups from one regression of all.

With groups :math:`g` and the first as reference, the *interaction* adds :math:`x \cdot 1\{g\}` to one regression whose
controls and fixed effects all groups share; the *stacked* regression lets each group have controls and fixed effects of
its own, so that its slopes are those of the groups' own regressions, with the covariance that groups have through
clusters they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from involution.errors import NotEstimable
from involution.models.derived import joint_few_clusters, wald
from involution.models.design import Design
from involution.models.estimate import refuse_absorbed
from involution.models.facts import Facts
from involution.models.groupings import Grouping, coded
from involution.models.heterogeneity.groups import Groups
from involution.models.matrix import numbers
from involution.models.notes import Note, note
from involution.models.own_design import formula_of
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.rules import Refused, check_design
from involution.models.tasks import PANEL
from involution.study.formulas import effect_label, quoted

FEW_CLUSTERS = 10
"""Clusters of a group below which its standard error is told to be a guess."""


@dataclass(frozen=True)
class Asked:
    """What is regressed on what, in dated columns.

    Attributes
    ----------
    outcome, treatment : str
    controls : tuple of str
    estimator : str
        ols or poisson.
    vcov : str or None
    draws, seed : int
        Of the wild bootstrap.
    allow_low_cluster : bool
    """

    outcome: str
    treatment: str
    controls: tuple[str, ...]
    estimator: str
    vcov: str | None
    draws: int
    seed: int
    allow_low_cluster: bool = False


def effect_term(asked: Asked, groups: Groups) -> str:
    """The term of the effect in the reference group."""
    return f"{asked.treatment}[{groups.by}={groups.order[0]}]"


def difference_term(groups: Groups, group: str) -> str:
    """The term of a group's difference from the reference group."""
    return f"difference[{groups.by}={group}-{groups.order[0]}]"


def of_group(asked: Asked, design: Design, groups: Groups, group: str, known: Facts, remarks: Sequence[Note]) -> Fit:
    """The regression of one group alone.

    Raises
    ------
    NotEstimable
        When the group's rows do not support it, or a rule refuses the design on them.
    """
    rows = design.rows & groups.rows(group)
    effects = [effect_label(effect) for effect in design.effects]
    formula = formula_of(asked.outcome, [asked.treatment, *asked.controls], effects)
    try:
        _, said = check_design(
            formula, design.data, rows, design.cluster, asked.vcov, known, PANEL,
            allow_low_cluster=asked.allow_low_cluster,
        )  # fmt: skip
        part = design.on(rows=rows)
        fit = _estimate(asked, part, [asked.treatment, *asked.controls], (*said, *remarks))
        refuse_absorbed(fit, [asked.treatment])
    except Refused as error:
        raise NotEstimable("; ".join(problem.what for problem in error.problems)) from None
    if asked.treatment not in fit.terms:
        raise NotEstimable(f"the slope of {asked.treatment} is not identified in the rows of {group}")
    if fit.n_clusters is not None and fit.n_clusters < FEW_CLUSTERS:
        few = note("heterogeneity_few_clusters", group=group, count=fit.n_clusters, fewest=FEW_CLUSTERS)
        fit = replace(fit, remarks=(*fit.remarks, few))
    return fit


def interaction(asked: Asked, design: Design, groups: Groups, remarks: Sequence[Note] = ()) -> Fit:
    """One regression with controls and fixed effects in common, and the treatment by group.

    Terms are `effect_term` and a `difference_term` for each further group; the statistic ``equal_effects`` tests that
    all differences are zero.

    Raises
    ------
    NotEstimable
    """
    columns, names = _effects(asked, design, groups)
    whole = design.on(_with_groups(design, groups, columns), rows=design.rows & groups.known)
    level = "" if _nested(groups, whole) else groups.column
    if level:
        whole = whole.on(fixed_effects=[*(effect_label(effect) for effect in whole.effects), level])
    said = note("heterogeneity_interaction", by=groups.by)
    fit = _estimate(asked, whole, [*names, *asked.controls], (said, *remarks))
    return _compared(fit, names, groups)


def stacked(asked: Asked, design: Design, groups: Groups, remarks: Sequence[Note] = ()) -> Fit:
    """One regression in which every regressor and every fixed effect is the group's own.

    Raises
    ------
    NotEstimable
    """
    columns, names = _effects(asked, design, groups)
    own = {
        f"{name}[{groups.by}={group}]": _within(numbers(design.data, name), groups, group)
        for name in asked.controls
        for group in groups.order
    }
    effects = [f"{effect_label(effect)}^{groups.column}" for effect in design.effects] or [groups.column]
    frame, rows = _with_groups(design, groups, {**columns, **own}), design.rows & groups.known
    whole = design.on(frame, fixed_effects=effects, rows=rows)
    said = note("heterogeneity_stacked", by=groups.by)
    fit = _estimate(asked, whole, [*names, *own], (said, *remarks))
    return _compared(fit, names, groups)


def _estimate(asked: Asked, design: Design, regressors: Sequence[str], remarks: Sequence[Note]) -> Fit:
    return design.estimate(
        f"{quoted(asked.outcome)} ~ {' + '.join(map(quoted, regressors))}",
        estimator=asked.estimator,
        vcov=asked.vcov,
        draws=asked.draws,
        seed=asked.seed,
        remarks=remarks,
    )


def _with_groups(design: Design, groups: Groups, columns: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    return design.data.assign(**{groups.column: groups.values, **columns})


def _effects(asked: Asked, design: Design, groups: Groups) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """Columns of the effect in the reference group and of the differences, and their names."""
    x = numbers(design.data, asked.treatment)
    columns = {effect_term(asked, groups): x}
    columns |= {difference_term(groups, group): _within(x, groups, group) for group in groups.order[1:]}
    return columns, list(columns)


def _within(values: NDArray[np.float64], groups: Groups, group: str) -> NDArray[np.float64]:
    """Values in a group and zero elsewhere; missing values stay missing."""
    return values * groups.rows(group)


def _nested(groups: Groups, design: Design) -> bool:
    """Whether a fixed effect holds the groups already: each of its levels lies in one of them."""
    part = design.data.loc[design.rows]
    group = Grouping(groups.column, *coded(part[groups.column])[:2])
    for effect in design.effects:
        if len(effect) == 1 and Grouping(effect[0], *coded(part[effect[0]])[:2]).nested_in(group):
            return True
    return False


def _compared(fit: Fit, names: Sequence[str], groups: Groups) -> Fit:
    """The fit with the test that all differences are zero."""
    lost = [name for name in names if name not in fit.terms]
    if lost:
        raise NotEstimable(f"the term {lost[0]} is not identified")
    value, restrictions, p_value = wald(fit, list(names[1:]))
    told = (("equal_effects", value, restrictions, p_value), groups_row(groups))
    remarks = (*fit.remarks, *joint_few_clusters(fit, names[1:]))
    return replace(fit, details=(*fit.details, *told), remarks=remarks)


def groups_row(groups: Groups) -> Row:
    """The statistic that says by what groups are made, and how many are compared."""
    return f"groups[{groups.by}]", float(len(groups.order)), np.nan, np.nan
