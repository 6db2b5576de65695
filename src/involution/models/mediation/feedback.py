"""Does the outcome move the mediators back? The lead test and the half-panel jackknife beside every b.

b assumes that a mediator is strictly exogenous in the outcome's equation. Where it is not, b of a short panel is biased
towards zero (`involution.models.exogeneity`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.exogeneity import half_panel_jackknife, lead_test
from involution.models.mediation.system import System
from involution.models.notes import Note, note
from involution.models.result import Fit
from involution.study.formulas import quoted

SIGNIFICANT = 0.05
Row = tuple[str, float, float, float]


def feedback(system: System, design: Design) -> tuple[list[Row], tuple[Note, ...]]:
    """Test each mediator's lead in the outcome's equation, and correct each b for the bias of short panels.

    Parameters
    ----------
    system : System
    design : Design
        Of the same data.

    Returns
    -------
    list of tuple
        ``lead_test[m]`` (t, degrees of freedom, p-value; all leads in one equation) and ``half_panel[b[m]]`` (the
        corrected b and its p-value) on the common sample. Nothing without firm effects, firms and years, with
        instruments, or where they cannot be estimated; no corrected b where the second stage is moderated.
    tuple of Note
        Mediators whose lead is significant at 5 %.
    """
    if not _is_possible(system, design):
        return [], ()
    specification = system.specification
    on_sample, formula = _on_sample(system, design), _formula(system)
    rows: list[Row] = []
    leads = {name: f"lead({quoted(name)})" for name in specification.mediators}
    vcov = "crv3" if design.cluster else "hetero"
    try:
        tested = lead_test(on_sample, formula, [quoted(name) for name in specification.mediators], vcov)
        degrees = next(row[1] for row in tested.details if row[0] == "degrees_of_freedom")
        rows += [
            (f"lead_test[{m}]", _of(tested, t, "statistic"), degrees, _of(tested, t, "p_value"))
            for m, t in leads.items()
        ]
    except NotEstimable:
        pass
    significant = [name for (_, _, _, p_value), name in zip(rows, leads, strict=False) if p_value < SIGNIFICANT]
    try:
        corrected = half_panel_jackknife(on_sample, formula, vcov)
        rows += [
            (f"half_panel[b[{name}]]", _of(corrected, name, "estimate"), np.nan, _of(corrected, name, "p_value"))
            for name in specification.mediators
            if name in corrected.terms and specification.second_moderator(name) is None
        ]
    except NotEstimable:
        pass
    return rows, (note("feedback", names=", ".join(significant)),) if significant else ()


def _is_possible(system: System, design: Design) -> bool:
    sample, keys = system.sample, [design.panel["firm"], design.panel["year"]]
    if sample.firm is None or sample.year is None or system.specification.instruments:
        return False
    if (keys[0],) not in design.effects or not pd.api.types.is_numeric_dtype(design.data[keys[1]]):
        return False
    return not bool(design.data.duplicated(keys).any())


def _on_sample(system: System, design: Design) -> Design:
    """The same design on the rows of all equations."""
    rows = np.zeros(len(design.data), dtype=bool)
    rows[system.sample.rows] = True
    return Design(
        design.data,
        ["^".join(effect) for effect in design.effects],
        design.cluster,
        weights=design.weights,
        singletons="drop" if design.drop_singletons else "keep",
        rows=rows,
        **design.panel,
    )


def _formula(system: System) -> str:
    """The outcome's equation, moderators not centred: slopes of mediators whose second stage is not moderated are
    the same."""
    specification = system.specification
    treatment = quoted(specification.treatment)
    terms = [
        treatment,
        *(f"{treatment}:{quoted(by)}" for by in specification.of_treatment),
        *map(quoted, dict.fromkeys((*specification.moderating, *specification.controls))),
        *map(quoted, specification.mediators),
        *(f"{quoted(name)}:{quoted(by)}" for name, by in specification.second_stage),
    ]
    return f"{quoted(specification.outcome)} ~ {' + '.join(terms)}"


def _of(fit: Fit, term: str, column: str) -> float:
    return float(getattr(fit, column)[fit.terms.index(term)])
