"""A breakthrough, estimated: contrasts of all firms, of each group, and of the forms of the model shown beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.breakthrough.contrasts import Contrasts, contrasts, equal_offsets, tidy
from involution.models.breakthrough.joint import BESIDE, HEADLINE, Groups, Joint, group_values, joint
from involution.models.breakthrough.moves import Moves, moves, share_ever_moved
from involution.models.breakthrough.specification import Specification
from involution.models.design import Design
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.study.breakthrough import ALL

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
class Part:
    """Contrasts that rest on one model: terms, and the fit whose rows and clusters they are of."""

    terms: pd.DataFrame
    fit: Fit


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
    parts = [Part(pd.concat(terms, ignore_index=True), found.fit)]
    remarks = [*found.fit.remarks, *_about_all(found, given, made, terms[0])]
    details = [*found.fit.details, *_move_rows(found, design, given)]
    if grouped is not None:
        try:
            part, more, noted = _of_groups(found, design, grouped, given)
            parts, details, remarks = [*parts, part], [*details, *more], [*remarks, *noted]
        except NotEstimable as error:
            remarks.append(note("breakthrough_no_groups", column=grouped.groups.column, reason=str(error)))
    return Breakthrough(tuple(parts), tuple(details), tuple(dict.fromkeys(remarks)))


def _all_firms(found: Joint, given: Moves) -> Contrasts:
    made = contrasts(found, given)
    if made is None:
        raise NotEstimable(f"the fixed effects absorb {found.asked.treatment}, whose harm the levers are to offset")
    if not made.offsets:
        raise NotEstimable("; ".join(_failure(lever, *why, given, "").text() for lever, why in made.failed.items()))
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


def _of_groups(whole: Joint, design: Design, grouped: Grouped, given: Moves) -> tuple[Part, list[Row], list[Note]]:
    """Contrasts of the groups: from one model with coefficients of each, or from that of all firms."""
    groups, asked = grouped.groups, whole.asked
    found = whole
    if grouped.own_slopes:
        # The joint model of the groups uses rows that have one; percentiles and the deviation stay those of all firms.
        known = pd.notna(groups.values)
        within = Design(
            design.data,
            ["^".join(effect) for effect in design.effects],
            design.cluster,
            weights=design.weights,
            singletons="drop" if design.drop_singletons else "keep",
            rows=design.rows & known,
        )
        found = joint(asked, within, HEADLINE, groups)
    every = group_values(groups, found.sample)
    shown = [value for value in grouped.shown or every if value in every]
    made, absent = {}, [value for value in grouped.shown if value not in every]
    for group in shown:
        rows = (groups.values[found.sample.rows] == group).astype(bool)
        own = moves(asked, design.data, found.sample, rows) if grouped.own_moves else given
        own = replace(own, deviation=given.deviation)
        one = contrasts(found, own, group) if grouped.own_slopes else contrasts(found, own)
        if one is None:
            absent.append(group)
        else:
            made[group] = one
    if not made:
        raise NotEstimable(f"no group of {groups.column} has a row with an effect of {asked.treatment}")
    endings = {group: f",{groups.column}={group}" for group in made}
    terms = pd.concat([tidy(found, one, endings[group]) for group, one in made.items()], ignore_index=True)
    noted = [_failure(lever, *why, given, f" [{groups.column}={group}]") for group, one in made.items()
             for lever, why in one.failed.items()]  # fmt: skip
    return Part(terms, found.fit), [*_group_rows(found, groups, made, grouped)], [
        _about_groups(grouped, found), *found.fit.remarks, *noted,
        *([note("breakthrough_absent", names=", ".join(absent), column=groups.column)] if absent else []),
    ]  # fmt: skip


def _about_groups(grouped: Grouped, found: Joint) -> Note:
    code = "breakthrough_groups" if grouped.own_slopes else "breakthrough_common"
    moved = "breakthrough_moves_own" if grouped.own_moves else "breakthrough_moves_all"
    return note(f"{code}_{moved.rsplit('_', 1)[1]}", column=grouped.groups.column, count=found.fit.n_obs)


def _group_rows(found: Joint, groups: Groups, made: Mapping[str, Contrasts], grouped: Grouped) -> Iterator[Row]:
    """Rows and firms of each group; tests that offsets are the same in all."""
    own = groups.values[found.sample.rows]
    for group in made:
        rows = (own == group).astype(bool)
        ending = f"[{groups.column}={group}]"
        yield f"n_obs{ending}", float(rows.sum()), np.nan, np.nan
        if found.sample.firm is not None:
            yield f"n_firms{ending}", float(len(np.unique(found.sample.firm.codes[rows]))), np.nan, np.nan
        for cluster in found.sample.clusters:
            yield f"n_clusters{ending}", float(len(np.unique(cluster.codes[rows]))), np.nan, np.nan
    if grouped.own_slopes and len(made) > 1:
        for lever in (*found.asked.levers, ALL):
            value, degrees, p_value = equal_offsets(found, made, lever)
            if not np.isnan(value):
                yield f"equal_offsets[{lever}]", value, degrees, p_value


def _move_rows(found: Joint, design: Design, given: Moves) -> Iterator[Row]:
    """One standard deviation of the treatment, the percentiles of the levers, and who ever moved so far."""
    asked = found.asked
    yield f"sd_treatment[{asked.treatment}]", given.deviation, np.nan, np.nan
    for name in asked.moving:
        for key, value in (("p25", given.low[name]), ("p75", given.high[name]), ("move", given.by(name))):
            yield f"{key}[{name}]", value, np.nan, np.nan
    for lever in asked.levers:
        yield f"ever_moved[{lever}]", share_ever_moved(asked, lever, design.data, found.sample, given), np.nan, np.nan


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
        yield _failure(lever, *why, given, "")
    if made.failed:
        yield note("breakthrough_all_without", names=", ".join(made.failed))
    harm = terms.set_index("term").loc["harm"]
    if not harm["p_value"] < 0.05:
        yield note("breakthrough_share_not_meaningful")
    elif harm["estimate"] > 0:
        yield note("breakthrough_no_harm", outcome=asked.outcome)


def _failure(lever: str, code: str, names: str, given: Moves, group: str) -> Note:
    return note(code, lever=f"{lever}{group}", names=names)
