"""Which models each kind of table and figure can show: told when the file is read, not after all is estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from involution.errors import Problem, nearest
from involution.study.block_names import (
    beside_names,
    bounded_names,
    design_models,
    event_study_models,
    rehearsal_models,
)
from involution.study.robustness import robustness_models

if TYPE_CHECKING:
    from involution.study.study import Study


def _named(section: str) -> Callable[[Study], list[str]]:
    return lambda study: [asked.name for asked in getattr(study, section)]


def _beside(part: str) -> Callable[[Study], list[str]]:
    return lambda study: [beside_names(asked)[part] for asked in study.event_study if part in beside_names(asked)]


def _varied(study: Study) -> list[str]:
    if not study.robustness:
        return []
    return [*(design_models(study.design) if study.design else []), *robustness_models(study.robustness, study.design)]


def _left_out(study: Study) -> list[str]:
    chosen = [asked for asked in study.robustness if asked.leave_out is not None]
    return robustness_models(chosen, study.design)


def _with_bounds(study: Study) -> list[str]:
    return [name for asked in study.event_study for name in bounded_names(asked)]


def _with_kernel(study: Study) -> list[str]:
    return [asked.name for asked in study.moderation if asked.kernel and asked.estimator == "ols"]


def _with_sensitivity(study: Study) -> list[str]:
    return [asked.name for asked in study.exposure if asked.sensitivity is not None]


def _compared(study: Study) -> list[str]:
    return [name for asked in study.attrition for name in asked.groups]


def _rehearsed(study: Study) -> list[str]:
    return rehearsal_models(study.rehearsal, study.design, study.mediation)


def _rehearsed_regressions(study: Study) -> list[str]:
    return rehearsal_models(study.rehearsal, study.design, [])


def _with_doubt(study: Study) -> list[str]:
    return [f"{asked.name}_bounds" for asked in study.endogeneity if asked.plausibly_exogenous is not None]


def _with_shocks(study: Study) -> list[str]:
    return [f"{asked.name}_rotemberg" for asked in study.endogeneity if asked.shift_share is not None]


def _by_method(*methods: str) -> Callable[[Study], list[str]]:
    return lambda study: [asked.name for asked in study.endogeneity if asked.method in methods]


_OF_FIGURES: dict[str, Callable[[Study], list[str]]] = {
    **dict.fromkeys(("paths", "conditional", "sensitivity"), _named("mediation")),
    "marginal": _named("moderation"),
    "kernel": _with_kernel,
    "threshold": _named("threshold"),
    "surface": _named("response_surface"),
    "randomisation": _named("exposure"),
    "exposure_sensitivity": _with_sensitivity,
    "event_study": lambda study: event_study_models(study.event_study),
    "bacon": _beside("bacon"),
    "honest": _with_bounds,
    "dose": _beside("dose"),
    "breakthrough": _named("breakthrough"),
    "robustness": _varied,
    "leave_out": _left_out,
    "heterogeneity": _named("heterogeneity"),
    "quantile_regression": _named("quantile_regression"),
    "power": _rehearsed_regressions,
    "plausibly_exogenous": _with_doubt,
    "rotemberg": _with_shocks,
    "contours": _by_method("omitted"),
    "balance": _by_method("match", "balance"),
    "overlap": _by_method("match"),
    "placebo": _named("placebo"),
    "specification_curve": _named("specification_curve"),
}
_OF_TABLES: dict[str, Callable[[Study], list[str]]] = {
    "specification_curve": _named("specification_curve"),
    "mediation": _named("mediation"),
    "moderation": _named("moderation"),
    "threshold": _named("threshold"),
    "exposure_sensitivity": _with_sensitivity,
    "breakthrough": _named("breakthrough"),
    "robustness": _varied,
    "bacon": _beside("bacon"),
    "honest": _with_bounds,
    "heterogeneity": _named("heterogeneity"),
    "quantile_regression": _named("quantile_regression"),
    "attrition": _compared,
    "rehearsal": _rehearsed,
    "bounds": _with_doubt,
    "rotemberg": _with_shocks,
    "omitted": _by_method("omitted"),
    "balance": _by_method("match", "balance"),
}


def check_shown(study: Study, where: str) -> list[Problem]:
    """Models that the kind of their table or figure cannot show.

    Parameters
    ----------
    study : Study
    where : str
        Name of its file.
    """
    problems = list[Problem]()
    for position, figure in enumerate(study.figures):
        named = [figure.model] if figure.model is not None else figure.models
        if figure.kind in _OF_FIGURES:
            place = f"{where}: figures[{position}]"
            problems += _wrong(place, figure.kind, named, _OF_FIGURES[figure.kind](study))
    for position, table in enumerate(study.tables):
        if table.kind in _OF_TABLES:
            place = f"{where}: tables[{position}]"
            problems += _wrong(place, table.kind, table.models_named(), _OF_TABLES[table.kind](study))
    return problems


def _wrong(place: str, kind: str, named: Sequence[str], known: Sequence[str]) -> Iterator[Problem]:
    if not known:
        yield Problem(place, f"the study has nothing that the kind {kind} shows")
        return
    for name in named:
        if name not in known:
            shown = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
            yield Problem(f"{place}.model", f"the kind {kind} shows no '{name}'{nearest(name, known)}; it has {shown}")
