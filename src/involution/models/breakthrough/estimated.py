"""A breakthrough, estimated: contrasts of all firms, of each group, and of the forms of the model shown beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.breakthrough.contrasts import Contrasts, Failure, contrasts, equal_offsets, tidy
from involution.models.breakthrough.joint import BESIDE, HEADLINE, Groups, Joint, group_values, joint
from involution.models.breakthrough.moves import Moves, moves, share_ever_moved
from involution.models.breakthrough.specification import Specification
from involution.models.design import Design
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.study.breakthrough import ALL

FEWEST_CLUSTERS = 10
"""A group with rows in fewer clusters has no errors: their jackknife would be a guess."""

SELDOM = 0.1
_BESIDE = ("harm", "offset", "remaining")


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


@dataclass(frozen=True)
class Breakthrough:
    """A breakthrough, estimated.

    Attributes
    ----------
    parts : tuple of Part
        All firms and the forms beside first, then the groups.
    details : tuple of Row
        Statistic, value, degrees of freedom, p-value.
    remarks : tuple of Note
    """

    parts: tuple[Part, ...]
    details: tuple[Row, ...]
    remarks: tuple[Note, ...]

    @property
    def terms(self) -> pd.DataFrame:
        """Every term with the columns of a fit's `tidy`."""
        return pd.concat([part.terms for part in self.parts], ignore_index=True)


def estimated(
    asked: Specification, design: Design, grouped: Grouped | None = None, said: Sequence[Note] = ()
) -> Breakthrough:
    """Estimate the joint model of all levers and its contrasts.

    Parameters
    ----------
    asked : Specification
    design : Design
        With the dated columns, the fixed effects and the clusters.
    grouped : Grouped, optional
    said : sequence of Note
        What the rules say of the design.

    Raises
    ------
    NotEstimable
        When the treatment is absorbed, or no lever has an offset.
    """
    found = joint(asked, design, remarks=said)
    given = moves(asked, design.data, found.sample)
    made = _all_firms(found, given)
    terms = [tidy(found, made), *_beside(asked, design, given)]
    parts = [Part(pd.concat(terms, ignore_index=True), _counted(found))]
    ever = {lever: share_ever_moved(asked, lever, design.data, found.sample, given) for lever in asked.levers}
    remarks = [*found.fit.remarks, *_about_all(found, given, made, terms[0]), *_about_support(ever, made)]
    details = [*found.fit.details, *_move_rows(found, given, ever)]
    if grouped is not None:
        try:
            more, tests, noted = _of_groups(found, design, grouped, given)
            parts, details, remarks = [*parts, *more], [*details, *tests], [*remarks, *noted]
        except NotEstimable as error:
            remarks.append(note("breakthrough_no_groups", column=grouped.groups.column, reason=str(error)))
    return Breakthrough(tuple(parts), tuple(details), tuple(dict.fromkeys(remarks)))


def _all_firms(found: Joint, given: Moves) -> Contrasts:
    made = contrasts(found, given)
    if made is None:
        raise NotEstimable(f"the fixed effects absorb {found.asked.treatment}, whose harm the levers are to offset")
    if not made.offsets:
        raise NotEstimable("; ".join(_failure(lever, why).text() for lever, why in made.failed.items()))
    return made


def _beside(asked: Specification, design: Design, given: Moves) -> Iterator[pd.DataFrame]:
    """Harm and offsets by the other forms of the model, their terms ending in its name."""
    for kind in BESIDE:
        try:
            found = joint(asked, design, kind)
            made = contrasts(found, given)
        except NotEstimable:
            continue
        if made is not None:
            terms = tidy(found, made).dropna(subset=["estimate"])
            terms = terms[terms["term"].str.startswith(_BESIDE)]
            yield terms.assign(term=terms["term"] + f":{kind.name}")


def _of_groups(
    whole: Joint, design: Design, grouped: Grouped, given: Moves
) -> tuple[list[Part], list[Row], list[Note]]:
    """Contrasts of the groups: from one model with coefficients of each, or from that of all firms."""
    groups = grouped.groups
    found = joint(whole.asked, _with_groups(design, groups), HEADLINE, groups) if grouped.own_slopes else whole
    every = group_values(groups, found.sample)
    made: dict[str, Contrasts] = {}
    for group in grouped.shown or every:
        present = _rows_of(found, groups, group).any()
        one = _of_group(found, design, grouped, given, group) if present else None
        if one is not None:
            made[group] = one
    if not made:
        raise NotEstimable(f"no group of {groups.column} has a row with an effect of {whole.asked.treatment}")
    counts = {group: _counted(found, _rows_of(found, groups, group)) for group in made}
    degrees = {group: _degrees(found, counts[group], grouped) for group in made}
    parts = [
        Part(tidy(found, one, f",{groups.column}={group}", degrees[group]), counts[group])
        for group, one in made.items()
    ]
    rows = [*_count_rows(groups, counts), *(_equality(found, made, degrees) if grouped.own_slopes else ())]
    return parts, rows, [*_about_groups(found, grouped, made, degrees), *(found.fit.remarks if found != whole else ())]


def _with_groups(design: Design, groups: Groups) -> Design:
    """The design on the rows that have a group."""
    return Design(
        design.data,
        ["^".join(effect) for effect in design.effects],
        design.cluster,
        weights=design.weights,
        singletons="drop" if design.drop_singletons else "keep",
        rows=design.rows & pd.notna(groups.values),
    )


def _rows_of(found: Joint, groups: Groups, group: str) -> np.ndarray:
    return np.asarray(groups.values[found.sample.rows] == group, dtype=bool)


def _of_group(found: Joint, design: Design, grouped: Grouped, given: Moves, group: str) -> Contrasts | None:
    """Contrasts of one group; the standard deviation stays that of all firms."""
    own = given
    if grouped.own_moves:
        rows = _rows_of(found, grouped.groups, group)
        own = replace(moves(found.asked, design.data, found.sample, rows), deviation=given.deviation)
    return contrasts(found, own, group if grouped.own_slopes else "")


def _counted(found: Joint, rows: np.ndarray | None = None) -> Counted:
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
        yield from (_failure(f"{lever} [{column}={group}]", why) for lever, why in one.failed.items())
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


def _move_rows(found: Joint, given: Moves, ever: Mapping[str, float]) -> Iterator[Row]:
    """One standard deviation of the treatment, the percentiles of the levers, and who ever moved so far."""
    asked = found.asked
    yield f"sd_treatment[{asked.treatment}]", given.deviation, np.nan, np.nan
    for name in asked.moving:
        for key, value in (("p25", given.low[name]), ("p75", given.high[name]), ("move", given.by(name))):
            yield f"{key}[{name}]", value, np.nan, np.nan
    yield from ((f"ever_moved[{lever}]", share, np.nan, np.nan) for lever, share in ever.items())


def _about_support(ever: Mapping[str, float], made: Contrasts) -> Iterator[Note]:
    """Levers that hardly any firm has moved so far: what is within firms is drawn out far beyond what is seen."""
    seldom = [lever for lever in made.offsets if ever[lever] < SELDOM]
    if seldom:
        yield note("breakthrough_seldom", names=", ".join(seldom), percent=f"{100 * SELDOM:g}")


def _about_all(found: Joint, given: Moves, made: Contrasts, terms: pd.DataFrame) -> Iterator[Note]:
    """What the contrasts are, how far levers move, what could not be moved, and whether shares mean anything."""
    asked = found.asked
    yield note("breakthrough_status")
    yield note("breakthrough_products", treatment=asked.treatment, levers=", ".join(asked.moving))
    yield note("breakthrough_given", treatment=asked.treatment, deviation=f"{given.deviation:.4g}")
    for lever, columns in asked.levers.items():
        single = [name for name in columns if name not in asked.products]
        moved = ", ".join(f"{name} {given.low[name]:.4g} to {given.high[name]:.4g}" for name in single)
        yield note("breakthrough_move", lever=lever, moves=moved)
    for lever, why in made.failed.items():
        yield _failure(lever, why)
    if made.failed:
        yield note("breakthrough_all_without", names=", ".join(made.failed))
    harm = terms.set_index("term").loc["harm"]
    if not harm["p_value"] < 0.05:
        yield note("breakthrough_share_not_meaningful")
    elif harm["estimate"] > 0:
        yield note("breakthrough_no_harm", outcome=asked.outcome)


def _failure(lever: str, why: Failure) -> Note:
    return note(why[0], lever=lever, names=why[1])
