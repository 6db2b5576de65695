"""What the models of a study have to work with, and which of them cannot be estimated: told without estimating."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from involution.models.blocks import Run
from involution.models.design import Design
from involution.models.event_study.adoption import first_years
from involution.models.facts import facts
from involution.models.groupings import Floats
from involution.models.matrix import expand, numbers, outcome_values
from involution.models.moderation.demeaning import varies
from involution.models.own_design import formula_of
from involution.models.prospects_texts import PROSPECT_TEXTS
from involution.models.rules import subjects
from involution.models.sample import Sample
from involution.models.tasks import PANEL, Task, tasks
from involution.study.block_names import event_study_names
from involution.study.formulas import Formula, effect_label, parse_formula, quoted
from involution.study.sections import Blocks
from involution.study.timing import dated


@dataclass(frozen=True)
class Prospect:
    """A model before it is estimated.

    Attributes
    ----------
    section, model, outcome : str
    rows : int
        Complete rows of the sample, without those alone in a fixed effect.
    firms, clusters : int or None
        Among these rows; the fewer clusters where there are two clusterings.
    treated : int or None
        Firms first treated within the panel, for event studies.
    why : str
        Why it will not be estimated, a key of `PROSPECT_TEXTS`; empty where nothing speaks against it.
    values : mapping
        What the reason tells.
    """

    section: str
    model: str
    outcome: str
    rows: int
    firms: int | None = None
    clusters: int | None = None
    treated: int | None = None
    why: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def reason(self, language: str) -> str:
        """Why it will not be estimated, in words; empty where nothing speaks against it."""
        return PROSPECT_TEXTS[self.why][language == "zh"].format(**self.values) if self.why else ""


def prospects(study: Blocks, data: pd.DataFrame, run: Run, ready: Mapping[str, Any]) -> list[Prospect]:
    """The main model of everything that a study estimates.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel.
    run : Run
    ready : mapping of str to object
        What `models.run.checked_blocks` has found of each section; sections that are not in it are left out.

    Returns
    -------
    list of Prospect
        Curves, weighted models and rehearsals repeat models that stand here, and have none of their own. What only
        estimation can tell (separation, convergence, weak instruments) is not foreseen.
    """
    return [
        prospect
        for section, found in ready.items()
        if section in _PROSPECTS
        for prospect in _PROSPECTS[section](found, study, data, run)
    ]


def prospect(section: str, model: str, design: Design, formula: Formula, treatment: str = "", **how: bool) -> Prospect:
    """A regression before it is estimated.

    Parameters
    ----------
    section, model : str
    design : Design
    formula : Formula
    treatment : str
        Column whose effect is reported, and which the fixed effects must leave something of.
    **how
        ``mundlak``, as of `Design.estimate`.
    """
    outcome = outcome_values(formula.outcome, design.data, design.panel)
    parts = (formula.terms, formula.endogenous, formula.instruments)
    blocks = [expand(terms, design.data, design.panel, design.rows) for terms in parts]
    sample = design.sample(outcome, blocks, constant=formula.intercept and not design.effects, **how)
    columns = {formula.outcome.label: outcome}
    columns |= {name: block.values[:, j] for block in blocks for j, name in enumerate(block.names)}
    regressors = sum(block.values.shape[1] for block in blocks[:2])
    why, values = _why(design, sample, columns, treatment, regressors)
    return Prospect(
        section,
        model,
        formula.outcome.label,
        sample.n,
        None if sample.firm is None else sample.firm.n_levels,
        min((cluster.n_levels for cluster in sample.clusters), default=None),
        why=why,
        values=values,
    )


def _why(
    design: Design, sample: Sample, columns: Mapping[str, Floats], treatment: str, regressors: int
) -> tuple[str, dict[str, Any]]:
    """Why a model cannot be estimated on a sample: a key and what it tells; empty where nothing speaks against it."""
    effects = ", ".join(effect_label(effect) for effect in design.effects)
    if not design.rows.any():
        return "no_rows", {}
    if not sample.n:
        if sample.drops.singletons:
            return "all_singletons", {"effects": effects}
        return "no_complete", {"columns": _missing(design, columns)}
    name, outcome = next(iter(columns.items()))
    if np.ptp(sample.raw(outcome)) == 0:
        return "constant_outcome", {"name": name}
    for cluster in sample.clusters:
        if cluster.n_levels < 2:
            return "one_cluster", {"name": cluster.name}
    levels = max((effect.n_levels for effect in sample.effects), default=0)
    if sample.n <= levels + regressors - 1:
        return "too_few_rows", {"rows": sample.n, "columns": regressors, "levels": levels}
    if treatment:
        values = numbers(design.data, treatment)
        if np.ptp(sample.raw(values)) == 0:
            return "constant_treatment", {"name": treatment}
        if design.effects and not varies(values, sample.absorber, sample):
            return "absorbed", {"name": treatment, "effects": effects}
    return "", {}


def _missing(design: Design, columns: Mapping[str, Floats]) -> str:
    """The columns with missing values in the rows of a design, those with most first, as text."""
    known = {name: int(np.isnan(values[design.rows]).sum()) for name, values in columns.items()}
    keys = dict.fromkeys([*(part for effect in design.effects for part in effect), *design.cluster])
    known |= {name: int(design.data[name][design.rows].isna().sum()) for name in keys}
    most = sorted((name for name, count in known.items() if count), key=lambda name: -known[name])
    rows = int(design.rows.sum())
    return ", ".join(f"{name}: {known[name]:,}/{rows:,}" for name in most[:4])


def _of_tasks(section: str, made: Sequence[Task], data: pd.DataFrame, run: Run) -> Iterator[Prospect]:
    for task in made:
        effects = [effect_label(effect) for effect in task.formula.fixed_effects]
        model = task.model
        design = Design(data, effects, task.cluster, weights=model.weights, singletons=model.singletons, rows=task.rows)
        reported = [subject.term for subject in subjects(task.formula, run.known) if subject.term in data.columns]
        treatment = reported[0] if reported and not model.mundlak else ""
        yield prospect(section, task.name, design, task.formula, treatment, mundlak=model.mundlak)


def _of_design(
    section: str, name: str, design: Design, outcome: str, regressors: Sequence[str], treatment: str
) -> Prospect:
    """The main equation of a section: it and its further models are of these rows."""
    effects = [effect_label(effect) for effect in design.effects]
    formula = formula_of(outcome, list(dict.fromkeys(regressors)), effects)
    return prospect(section, name, design, formula, treatment)


def _robustness(found: Any, study: Blocks, data: pd.DataFrame, run: Run) -> Iterator[Prospect]:
    for item in found:
        known = facts(run.dictionary, {**run.definitions, **item.made})
        yield from _of_tasks("robustness", tasks(item.models, item.data, known), item.data, run)


def _specified(section: str) -> Callable[[Any, Blocks, pd.DataFrame, Run], Iterator[Prospect]]:
    """Sections whose items come with their specification in dated columns, or with what makes it."""

    def of(found: Any, study: Blocks, data: pd.DataFrame, run: Run) -> Iterator[Prospect]:
        from involution.models.mediation.asked import specification_of

        for item in found:
            if section == "mediation":
                (asked, design, _), specification = item, specification_of(item[0])
                regressors = (*specification.mediators, *specification.controls)
            elif section == "moderation":
                asked, design, specification = item[0], item[1].design, item[1].specification
                regressors = specification.main
            else:
                asked, design, specification = item.asked, item.design, item.specification
                regressors = specification.controls
            treatment = specification.treatment
            numeric = [name for name in (treatment, *regressors) if name in _numeric(design.data)]
            shown = treatment if treatment in numeric else ""
            yield _of_design(section, asked.name, design, specification.outcome, numeric, shown)

    return of


def _numeric(data: pd.DataFrame) -> set[str]:
    return {str(name) for name in data.columns if pd.api.types.is_numeric_dtype(data[name])}


def _dated(section: str) -> Callable[[Any, Blocks, pd.DataFrame, Run], Iterator[Prospect]]:
    """Sections whose items name outcome, treatment and controls at the years of their timing."""

    def of(found: Any, study: Blocks, data: pd.DataFrame, run: Run) -> Iterator[Prospect]:
        for asked, design, _ in found:
            timing, named = asked.clock, getattr(asked, "treatment", None)
            treatment = dated(named, timing.treatment) if named else ""
            extra = [*getattr(asked, "columns", ()), *([asked.threshold] if section == "threshold" else [])]
            held = [treatment] if treatment else []
            held += [dated(name, timing.moderator) for name in extra]
            held += [dated(name, timing.controls) for name in asked.controls or ()]
            outcome = dated(asked.outcome, timing.outcome)
            known = [name for name in held if name in _numeric(design.data)]
            # The main effect of these is not always in their model: what absorbs it is told when they are estimated.
            yield _of_design(section, asked.name, design, outcome, known, "")

    return of


def _groups(found: Any, study: Blocks, data: pd.DataFrame, run: Run) -> Iterator[Prospect]:
    for item in found:
        asked = item.regression
        for group in item.groups.order:
            design = item.design.on(rows=item.design.rows & item.groups.rows(group))
            held = [asked.treatment, *asked.controls]
            name = f"{item.asked.name}[{group}]"
            yield _of_design("heterogeneity", name, design, asked.outcome, held, asked.treatment)


def _exposures(found: Any, study: Blocks, data: pd.DataFrame, run: Run) -> Iterator[Prospect]:
    for item in found:
        effects, weights = item.asked.fixed_effects or (), item.asked.weights
        design = Design(item.data, effects, item.cluster, weights=weights, rows=item.rows)
        held = [item.treatment, *item.controls]
        yield _of_design("exposure", item.asked.name, design, item.outcome, held, item.treatment)


def _event_studies(found: Any, study: Blocks, data: pd.DataFrame, run: Run) -> Iterator[Prospect]:
    """Event studies: one for all estimators, which have the same firms to compare."""
    for asked, rows, cluster, _ in found:
        design = Design(data, asked.fixed_effects, cluster, weights=asked.weights, rows=rows)
        terms, effects = " + ".join(map(quoted, asked.controls)) or "1", " + ".join(asked.fixed_effects)
        formula = parse_formula(f"{quoted(asked.outcome)} ~ {terms} | {effects}")
        whole = prospect("event_study", ", ".join(event_study_names(asked).values()), design, formula)
        first = first_years(data, PANEL["firm"], asked.cohort)
        complete = rows & ~np.isnan(numbers(data, asked.outcome))
        years, firms = data[PANEL["year"]].to_numpy(dtype=float), data[PANEL["firm"]]
        within = complete & (first > years[complete].min(initial=np.inf)) & (first <= years[complete].max(initial=0))
        treated = int(firms[within].nunique())
        why, values = whole.why, dict(whole.values)
        if not why and not treated:
            seen = years[complete]
            why, values = "no_treated", {"first": int(seen.min()), "last": int(seen.max())}
        elif not why and not (complete & ((first == 0) | (years < first))).any():
            why, values = "no_comparison", {}
        yield Prospect(
            whole.section, whole.model, asked.outcome, whole.rows, whole.firms, whole.clusters, treated, why, values
        )


_PROSPECTS: dict[str, Callable[[Any, Blocks, pd.DataFrame, Run], Iterator[Prospect]]] = {
    "models": lambda found, study, data, run: _of_tasks("models", found, data, run),
    "design": lambda found, study, data, run: _of_tasks("design", found[1], found[0], run),
    "robustness": _robustness,
    "endogeneity": _dated("endogeneity"),
    "mediation": _specified("mediation"),
    "moderation": _specified("moderation"),
    "threshold": _dated("threshold"),
    "response_surface": _dated("response_surface"),
    "exposure": _exposures,
    "event_study": _event_studies,
    "breakthrough": _specified("breakthrough"),
    "heterogeneity": _groups,
    "quantile_regression": _dated("quantile_regression"),
    "placebo": _dated("placebo"),
}
COUNTED = frozenset(_PROSPECTS)
"""Sections whose models are told; those of the others repeat them."""
