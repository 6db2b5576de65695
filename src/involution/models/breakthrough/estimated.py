"""A breakthrough, estimated: contrasts of all firms, of each group, and of the forms of the model shown beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.breakthrough.by_group import Grouped, Part, counted, failure, of_groups
from involution.models.breakthrough.contrasts import Contrasts, contrasts, tidy
from involution.models.breakthrough.joint import BESIDE, Joint, joint
from involution.models.breakthrough.moves import Moves, moves, ranges_within, share_ever_moved
from involution.models.breakthrough.specification import Specification
from involution.models.design import Design
from involution.models.groupings import Floats
from involution.models.notes import Note, note
from involution.models.reported import Row

SELDOM = 0.1
_BESIDE = ("harm", "offset", "remaining")


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
    parts = [Part(pd.concat(terms, ignore_index=True), counted(found))]
    ranges = ranges_within(asked, design.data, found.sample)
    ever = {lever: share_ever_moved(asked, lever, ranges, given) for lever in asked.levers}
    remarks = [
        *found.fit.remarks,
        *_about_all(found, given, made, terms[0]),
        *_about_support(asked, ranges, ever, made),
    ]
    details = [*found.fit.details, *_move_rows(found, given, ever)]
    if grouped is not None:
        try:
            more, tests, noted = of_groups(found, design, grouped, given)
            parts, details, remarks = [*parts, *more], [*details, *tests], [*remarks, *noted]
        except NotEstimable as error:
            remarks.append(note("breakthrough_no_groups", column=grouped.groups.column, reason=str(error)))
    return Breakthrough(tuple(parts), tuple(details), tuple(dict.fromkeys(remarks)))


def _all_firms(found: Joint, given: Moves) -> Contrasts:
    made = contrasts(found, given)
    if made is None:
        raise NotEstimable(f"the fixed effects absorb {found.asked.treatment}, whose harm the levers are to offset")
    if not made.offsets:
        raise NotEstimable("; ".join(failure(lever, why).text() for lever, why in made.failed.items()))
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


def _move_rows(found: Joint, given: Moves, ever: Mapping[str, float]) -> Iterator[Row]:
    """One standard deviation of the treatment, the percentiles of the levers, and who ever moved so far."""
    asked = found.asked
    yield f"sd_treatment[{asked.treatment}]", given.deviation, np.nan, np.nan
    for name in asked.moving:
        for key, value in (("p25", given.low[name]), ("p75", given.high[name]), ("move", given.by(name))):
            yield f"{key}[{name}]", value, np.nan, np.nan
    yield from ((f"ever_moved[{lever}]", share, np.nan, np.nan) for lever, share in ever.items())


def _about_support(
    asked: Specification, ranges: Mapping[str, Floats], ever: Mapping[str, float], made: Contrasts
) -> Iterator[Note]:
    """Levers that never move within firms, and those that hardly any firm has moved so far."""
    still = [
        lever for lever in made.offsets if not any(ranges[name].any() for name in asked.levers[lever] if name in ranges)
    ]
    if ranges and still:
        yield note("breakthrough_between", names=", ".join(still))
    seldom = [lever for lever in made.offsets if lever not in still and ever[lever] < SELDOM]
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
        moved = ", ".join(f"{name} {given.low[name]:.4g} → {given.high[name]:.4g}" for name in single)
        yield note("breakthrough_move", lever=lever, moves=moved)
    for lever, why in made.failed.items():
        yield failure(lever, why)
    if made.failed:
        yield note("breakthrough_all_without", names=", ".join(made.failed))
    harm = terms.set_index("term").loc["harm"]
    if not harm["p_value"] < 0.05:
        yield note("breakthrough_share_not_meaningful")
    elif harm["estimate"] > 0:
        yield note("breakthrough_no_harm", outcome=asked.outcome)
