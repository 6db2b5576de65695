"""The tables that a study's blocks bring with them, unless it has one of that name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from involution.study.base import Bilingual
from involution.study.block_names import attrition_names, baseline_names, mechanism_names, surface_names
from involution.study.tables import Table
from involution.study.timing import Timing, dated

if TYPE_CHECKING:
    from involution.study.moderation import Moderation
    from involution.study.study import Exhibits


def block_tables(study: Exhibits) -> list[Table]:
    """One table a block, in the order of the chapter.

    Parameters
    ----------
    study : Exhibits
    """
    tables = []
    if study.design is not None:
        treatment = dated(study.design.treatment, study.design.timing.treatment)
        names = list(baseline_names(study.design).values())
        tables.append(
            _titled("Baseline", "基准回归", name="baseline", models=names, keep=[treatment], controls_row=True)
        )
    for mediation in study.mediation:
        whole = mediation.completed(study.design)
        controls = [dated(name, (whole.timing or Timing()).controls) for name in whole.controls or ()]
        tables.append(mechanism_table(mediation.name, list(mechanism_names(mediation).values()), controls))
    if study.mediation:
        tables.append(decomposition_table([mediation.name for mediation in study.mediation]))
    tables += _surface_tables(study)
    tables += [moderation_table(moderation.name) for moderation in study.moderation]
    tables += [
        _instrumented_table(moderation.completed(study.design))
        for moderation in study.moderation
        if moderation.instruments
    ]
    for attrition in study.attrition:
        names = attrition_names(attrition, study.design)
        tables.append(_titled("Attrition", "样本流失", name=f"attrition_{attrition.name}", models=names))
    if study.truth:
        tables.append(_titled("Planted and estimated effects", "设定效应与估计值", name="truth", kind="truth"))
    return tables


def _instrumented_table(moderation: Moderation) -> Table:
    """The headline of a moderation beside the same with its moderator instrumented."""
    timing = moderation.timing or Timing()
    treatment = dated(str(moderation.treatment), timing.treatment)
    keep = [treatment]
    for asked in moderation.moderator:
        if asked.by in moderation.instruments:
            by = dated(asked.by, timing.moderator if asked.years is None else asked.years)
            keep += [by, f"{treatment}:{by}"]
    name, models = f"moderation_{moderation.name}_iv", [moderation.name, f"{moderation.name}_iv"]
    return _titled("Moderator instrumented", "调节变量的工具变量估计", name=name, models=models, keep=keep)


def _surface_tables(study: Exhibits) -> list[Table]:
    """The threshold models side by side, and a table for each response surface."""
    tables, columns, dropped = [], list[str](), list[str]()
    for threshold in study.threshold:
        whole = threshold.completed(study.design)
        columns.append(threshold.name)
        dropped += [dated(name, whole.clock.controls) for name in whole.controls or ()]
    if columns:
        options = {"models": columns, "drop": list(dict.fromkeys(dropped)), "controls_row": bool(dropped)}
        tables.append(_titled("Threshold models", "门槛模型", name="threshold", kind="threshold", **options))
    for surface in study.response_surface:
        whole_surface = surface.completed(study.design)
        controls = [dated(name, whole_surface.clock.controls) for name in whole_surface.controls or ()]
        name = f"response_surface_{surface.name}"
        statistics = ["n_obs", "n_firms", "n_clusters", "r2", "r2_within", "mean_outcome", "second_order_f"]
        options = {"models": surface_names(surface), "drop": controls, "controls_row": bool(controls)}
        tables.append(_titled("Response surface", "响应面", name=name, statistics=statistics, **options))
    return tables


def mechanism_table(block: str, models: Sequence[str], controls: Sequence[str]) -> Table:
    """The regressions of a mediation's channels on the treatment: the first table of a mechanism.

    Parameters
    ----------
    block : str
        Name of the mediation.
    models : sequence of str
        Its regressions of mediators.
    controls : sequence of str
        Terms that are not shown.
    """
    return _titled(
        "Mechanism: treatment and mediators", "机制检验：处理变量与中介变量",
        name=f"mechanism_{block}", models=models, drop=controls, controls_row=True,
    )  # fmt: skip


def decomposition_table(models: Sequence[str]) -> Table:
    """The decomposition of effects: a study's mediations.

    Parameters
    ----------
    models : sequence of str
        Names of the mediations.
    """
    return _titled("Decomposition of effects", "效应分解", name="mediation", kind="mediation", models=models)


def moderation_table(name: str) -> Table:
    """A moderated effect: its forms, the effect over its moderators, tests.

    Parameters
    ----------
    name : str
        Of the section.
    """
    return _titled("Moderation", "调节效应", name=f"moderation_{name}", kind="moderation", models=[name])


def _titled(en: str, zh: str, **options: Any) -> Table:
    return Table(title=Bilingual(en=en, zh=zh), **options)
