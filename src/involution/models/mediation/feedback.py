"""Does the outcome move the mediators back? The lead test and the half-panel jackknife beside every b.

b assumes that a mediator is strictly exogenous in the outcome's equation. Where it is not, b of a short panel is biased
towards zero (`involution.models.exogeneity`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

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


def feedback_tests(system: System, design: Design) -> tuple[list[Row], tuple[Note, ...]]:
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
    plain = _plain_names(specification.mediators)
    on_sample = design.on(design.data.rename(columns=plain), rows=system.sample.mask(len(design.data)))
    formula = _formula(system, plain)
    vcov = "crv3" if design.cluster else "hetero"
    rows: list[Row] = []
    with suppress(NotEstimable):
        rows = _leads(lead_test(on_sample, formula, list(plain.values()), vcov), plain)
    significant = [name for name, row in zip(plain, rows, strict=False) if row[3] < SIGNIFICANT]
    slopes = {name: alias for name, alias in plain.items() if specification.second_moderator(name) is None}
    with suppress(NotEstimable):
        rows = [*rows, *_corrected(half_panel_jackknife(on_sample, formula, vcov), slopes)]
    return rows, (note("feedback", names=", ".join(significant)),) if significant else ()


def _leads(fit: Fit, plain: Mapping[str, str]) -> list[Row]:
    degrees = fit.degrees_of_freedom
    places = {name: fit.terms.index(f"lead({alias})") for name, alias in plain.items()}
    return [
        (f"lead_test[{name}]", float(fit.statistic[place]), degrees, float(fit.p_value[place]))
        for name, place in places.items()
    ]


def _corrected(fit: Fit, plain: Mapping[str, str]) -> list[Row]:
    places = {name: fit.terms.index(alias) for name, alias in plain.items() if alias in fit.terms}
    return [
        (f"half_panel[b[{name}]]", float(fit.estimate[place]), np.nan, float(fit.p_value[place]))
        for name, place in places.items()
    ]


def _plain_names(mediators: Sequence[str]) -> dict[str, str]:
    """What each mediator is called in a formula: expressions such as lead() take no quoted names."""
    return {name: name if quoted(name) == name else f"mediator_{k}" for k, name in enumerate(mediators, start=1)}


def _is_possible(system: System, design: Design) -> bool:
    sample, keys = system.sample, [design.panel["firm"], design.panel["year"]]
    if sample.firm is None or sample.year is None or system.specification.instruments:
        return False
    if (keys[0],) not in design.effects or not pd.api.types.is_numeric_dtype(design.data[keys[1]]):
        return False
    return not bool(design.data.duplicated(keys).any())


def _formula(system: System, plain: Mapping[str, str]) -> str:
    """The outcome's equation; that moderators are not centred moves the slopes of moderated second stages alone."""
    specification = system.specification
    treatment = quoted(specification.treatment)
    terms = [
        treatment,
        *(f"{treatment}:{quoted(by)}" for by in specification.of_treatment),
        *map(quoted, dict.fromkeys((*specification.moderating, *specification.controls))),
        *plain.values(),
        *(f"{plain[name]}:{quoted(by)}" for name, by in specification.second_stage),
    ]
    return f"{quoted(specification.outcome)} ~ {' + '.join(terms)}"
