"""Contrasts of groups: from one model in which each has coefficients of its own, or from that of all firms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.breakthrough.contrasts import Contrasts, Failure, contrasts, equal_offsets, tidy
from involution.models.breakthrough.joint import HEADLINE, Groups, Joint, group_values, joint
from involution.models.breakthrough.moves import Moves, moves
from involution.models.design import Design
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.study.breakthrough import ALL

FEWEST_CLUSTERS = 10
"""A group with rows in fewer clusters has no errors: their jackknife would be a guess."""


@dataclass(frozen=True)
class Grouped:
    """What is asked of groups.

    Attributes
    ----------
    groups : Groups
    shown : tuple of str
        Groups whose contrasts are given; empty for all.
    own_slopes : bool
        Whether each has coefficients of its own, in one model.
    own_moves : bool
        Whether levers move between the group's own percentiles.
    """

    groups: Groups
    shown: tuple[str, ...] = ()
    own_slopes: bool = True
    own_moves: bool = False


@dataclass(frozen=True)
class Counted:
    """What contrasts rest on: of a group its own rows, firms and clusters."""

    n_obs: int
    n_firms: int | None
    n_clusters: int | None
    fixed_effects: tuple[str, ...]
    vcov_label: str


@dataclass(frozen=True)
class Part:
    """Contrasts, and what they rest on."""

    terms: pd.DataFrame
    of: Counted


def of_groups(whole: Joint, design: Design, grouped: Grouped, given: Moves) -> tuple[list[Part], list[Row], list[Note]]:
    """Contrasts of the groups.

    Parameters
    ----------
    whole : Joint
        The model of all firms.
    design : Design
    grouped : Grouped
    given : Moves
        Of the whole sample.

    Returns
    -------
    tuple
        Contrasts of each group, counts and tests, and what has to be said.

    Raises
    ------
    NotEstimable
        When no group has an effect of the treatment.
    """
    groups = grouped.groups
    grouped_rows = design.rows & pd.notna(groups.values)
    found = joint(whole.asked, design.on(rows=grouped_rows), HEADLINE, groups) if grouped.own_slopes else whole
    every = group_values(groups, found.sample)
    made: dict[str, Contrasts] = {}
    for group in grouped.shown or every:
        present = _rows_of(found, groups, group).any()
        one = _of_group(found, design, grouped, given, group) if present else None
        if one is not None:
            made[group] = one
    if not made:
        raise NotEstimable(f"no group of {groups.column} has a row with an effect of {whole.asked.treatment}")
    counts = {group: counted(found, _rows_of(found, groups, group)) for group in made}
    degrees = {group: _degrees(found, counts[group], grouped) for group in made}
    parts = [
        Part(tidy(found, one, f",{groups.column}={group}", degrees[group]), counts[group])
        for group, one in made.items()
    ]
    rows = [*_count_rows(groups, counts), *(_equality(found, made, degrees) if grouped.own_slopes else ())]
    return parts, rows, [*_about_groups(found, grouped, made, degrees), *(found.fit.remarks if found != whole else ())]


def _rows_of(found: Joint, groups: Groups, group: str) -> np.ndarray:
    return np.asarray(groups.values[found.sample.rows] == group, dtype=bool)


def _of_group(found: Joint, design: Design, grouped: Grouped, given: Moves, group: str) -> Contrasts | None:
    """Contrasts of one group; the standard deviation stays that of all firms."""
    own = given
    if grouped.own_moves:
        rows = _rows_of(found, grouped.groups, group)
        own = replace(moves(found.asked, design.data, found.sample, rows), deviation=given.deviation)
    return contrasts(found, own, group if grouped.own_slopes else "")


def counted(found: Joint, rows: np.ndarray | None = None) -> Counted:
    """Rows, firms and clusters (the fewer of two) of all rows, or of some."""
    chosen = np.ones(found.sample.n, dtype=bool) if rows is None else rows
    firm = found.sample.firm
    return Counted(
        int(chosen.sum()),
        None if firm is None else len(np.unique(firm.codes[chosen])),
        min((len(np.unique(cluster.codes[chosen])) for cluster in found.sample.clusters), default=None),
        found.fit.fixed_effects,
        found.fit.vcov_label,
    )


def _degrees(found: Joint, counted: Counted, grouped: Grouped) -> float:
    """Of a group with coefficients of its own, those of its own clusters; none where these are too few."""
    if not grouped.own_slopes or counted.n_clusters is None:
        return found.degrees
    return min(found.degrees, counted.n_clusters - 1.0) if counted.n_clusters >= FEWEST_CLUSTERS else np.nan


def _about_groups(
    found: Joint, grouped: Grouped, made: Mapping[str, Contrasts], degrees: Mapping[str, float]
) -> Iterator[Note]:
    """What groups share, and what could not be estimated of which."""
    column = grouped.groups.column
    code = f"breakthrough_{'groups' if grouped.own_slopes else 'common'}_{'own' if grouped.own_moves else 'all'}"
    yield note(code, column=column, count=found.fit.n_obs)
    for group, one in made.items():
        yield from (failure(f"{lever} [{column}={group}]", why) for lever, why in one.failed.items())
    few = [group for group in made if np.isnan(degrees[group])]
    if few:
        yield note("breakthrough_few_clusters", names=", ".join(few), column=column, fewest=FEWEST_CLUSTERS)
    absent = [group for group in grouped.shown if group not in made]
    if absent:
        yield note("breakthrough_absent", names=", ".join(absent), column=column)


def _count_rows(groups: Groups, counts: Mapping[str, Counted]) -> Iterator[Row]:
    for group, one in counts.items():
        for name in ("n_obs", "n_firms", "n_clusters"):
            value = getattr(one, name)
            if value is not None:
                yield f"{name}[{groups.column}={group}]", float(value), np.nan, np.nan


def _equality(found: Joint, made: Mapping[str, Contrasts], degrees: Mapping[str, float]) -> Iterator[Row]:
    """Tests that each lever offsets the same in all groups that have errors."""
    known = {group: one for group, one in made.items() if not np.isnan(degrees[group])}
    if len(known) > 1:
        least = min(degrees[group] for group in known)
        for lever in (*found.asked.levers, ALL):
            value, numerator, p_value = equal_offsets(found, known, lever, least)
            if not np.isnan(value):
                yield f"equal_offsets[{lever}]", value, numerator, p_value


def failure(lever: str, why: Failure) -> Note:
    """Why a lever has no offset."""
    return note(why[0], lever=lever, names=why[1])
