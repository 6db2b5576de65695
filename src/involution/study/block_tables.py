"""The tables that a study's blocks bring with them, unless it has one of that name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from involution.study import rehearsal_tables
from involution.study.base import Bilingual, spoken
from involution.study.baseline_tables import baseline_tables, robustness_tables
from involution.study.block_names import (
    attrition_names,
    beside_names,
    bounded_names,
    event_study_names,
    exposure_names,
    mechanism_names,
    surface_names,
)
from involution.study.endogeneity_tables import endogeneity_tables
from involution.study.event_study import EventStudy
from involution.study.exposure import EventExposure
from involution.study.heterogeneity_tables import tables as _heterogeneity
from involution.study.placebo_tables import placebo_tables
from involution.study.specification_curve_tables import specification_curve_tables
from involution.study.tables import DEFAULT_STATISTICS, Table
from involution.study.timing import Timing, dated

if TYPE_CHECKING:
    from involution.study.moderation import Moderation
    from involution.study.study import Exhibits


def block_tables(study: Exhibits) -> list[Table]:
    """The tables of every block, in the order of the chapter.

    Parameters
    ----------
    study : Exhibits
    """
    return [table for tables in _TABLES for table in tables(study)]


def _mediation(study: Exhibits) -> list[Table]:
    tables = []
    for mediation in study.mediation:
        whole = mediation.completed(study.design)
        controls = [dated(name, (whole.timing or Timing()).controls) for name in whole.controls or ()]
        tables.append(mechanism_table(mediation.name, list(mechanism_names(mediation).values()), controls))
    named = [mediation.name for mediation in study.mediation]
    return [*tables, *([decomposition_table(named)] if named else [])]


def _moderation(study: Exhibits) -> list[Table]:
    tables = []
    for moderation in study.moderation:
        tables.append(moderation_table(moderation.name))
        if moderation.instruments:
            tables.append(_instrumented_table(moderation.completed(study.design)))
    return tables


def _exposure(study: Exhibits) -> list[Table]:
    return [table for exposure in study.exposure for table in exposure_tables(exposure.completed(study.design))]


def _event_study(study: Exhibits) -> list[Table]:
    tables = []
    for event_study in study.event_study:
        tables.append(event_study_table(event_study.name, list(event_study_names(event_study).values())))
        tables += beside_tables(event_study)
    return tables


def _breakthrough(study: Exhibits) -> list[Table]:
    named = [breakthrough.name for breakthrough in study.breakthrough]
    return [breakthrough_table(named)] if named else []


def _attrition(study: Exhibits) -> list[Table]:
    tables = []
    for asked in study.attrition:
        name, models = f"attrition_{asked.name}", attrition_names(asked, study.design)
        tables.append(_titled("Attrition", "样本流失", name=name, models=models))
        title = ("Who leaves and who reports", "退出企业与披露企业的事前差异")
        tables.append(_titled(*title, name=f"{name}_differences", kind="attrition", models=list(asked.groups)))
    return tables


def _hypotheses(study: Exhibits) -> list[Table]:
    title = ("Hypotheses", "研究假设检验结果")
    return [_titled(*title, name="hypotheses", kind="scoreboard")] if study.hypotheses else []


def _threats(study: Exhibits) -> list[Table]:
    title = ("Threats to the finding", "对结论的威胁")
    return [_titled(*title, name="threats", kind="threats")] if study.design is not None else []


def _truth(study: Exhibits) -> list[Table]:
    title = ("Planted and estimated effects", "设定效应与估计值")
    return [_titled(*title, name="truth", kind="truth")] if study.truth else []


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
        f"Mechanism: treatment and mediators ({spoken(block)})", f"机制检验：处理变量与中介变量（{spoken(block)}）",
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


def breakthrough_table(models: Sequence[str]) -> Table:
    """What each lever offsets of a rise of the treatment, under the title of its kind.

    Parameters
    ----------
    models : sequence of str
        Names of the joint models.
    """
    return Table(name="breakthrough", kind="breakthrough", models=list(models))


def exposure_tables(exposure: EventExposure) -> list[Table]:
    """The regressions of an exposure block, and its variants where it has some.

    Parameters
    ----------
    exposure : EventExposure
        Completed.
    """
    controls = [dated(name, (exposure.timing or Timing()).controls) for name in exposure.controls or ()]
    title = (f"Exposure to policy events: {spoken(exposure.name)}", f"政策事件暴露：{spoken(exposure.name)}")
    tables = [
        _titled(
            *title, name=f"exposure_{exposure.name}", models=exposure_names(exposure), drop=controls,
            controls_row=True, statistics=[*DEFAULT_STATISTICS, "randomisation_p"],
            column_titles={name: Bilingual(en=en, zh=zh) for name, (en, zh) in _exposure_titles(exposure).items()},
        )
    ]  # fmt: skip
    if exposure.sensitivity is not None:
        more = (f"{title[0]}, sensitivity to judgements", f"{title[1]}，对各项判断的敏感性")
        name = f"exposure_{exposure.name}_sensitivity"
        tables.append(_titled(*more, name=name, kind="exposure_sensitivity", models=[exposure.name]))
    return tables


def _exposure_titles(exposure: EventExposure) -> dict[str, tuple[str, str]]:
    """What each regression of an exposure block is, in English and Chinese."""
    parts = {
        "": ("Headline", "主结果"),
        "_unadjusted": ("Not recentred", "未重新中心化"),
        "_product": ("Plain product", "普通交互"),
        "_no_years": ("No slopes by year", "无逐年斜率"),
        "_active": ("Active events", "主动事件"),
        "_both": ("Passive and active", "被动与主动"),
        "_leads": ("Leads", "领先项"),
    }
    return {f"{exposure.name}{part}": title for part, title in parts.items()}


def beside_tables(event_study: EventStudy) -> list[Table]:
    """What stands beside an event study: comparisons of two-way fixed effects, bounds, strength, a changed slope.

    Parameters
    ----------
    event_study : EventStudy
    """
    names, tables, own = beside_names(event_study), list[Table](), spoken(event_study.name)
    bounded = bounded_names(event_study)
    if "bacon" in names:
        title = f"What two-way fixed effects compare: {own}", f"双向固定效应的分解：{own}"
        tables.append(_titled(*title, name=f"bacon_{event_study.name}", kind="bacon", models=[names["bacon"]]))
    if bounded:
        title = f"Effects under bounds on drifts: {own}", f"趋势偏离限度下的效应：{own}"
        tables.append(_titled(*title, name=f"honest_{event_study.name}", kind="honest", models=bounded))
    statistics = ["n_obs", "n_firms", "n_clusters", "mean_outcome"]
    if "dose" in names:
        title = f"Effects by strength of the event: {own}", f"按事件强度的效应：{own}"
        tables.append(_titled(*title, name=f"dose_{event_study.name}", models=[names["dose"]], statistics=statistics))
    if "triple" in names:
        title, models = (
            (f"What adoption changes: {own}", f"采纳改变了什么：{own}"),
            [names["triple"], names["triple_twoway"]],
        )
        tables.append(_titled(*title, name=f"triple_{event_study.name}", models=models, statistics=statistics))
    return tables


def event_study_table(name: str, models: Sequence[str]) -> Table:
    """An event study: overall effects and those by years since adoption, its estimators side by side.

    Parameters
    ----------
    name : str
        Of the event study.
    models : sequence of str
        Its models.
    """
    return _titled(
        f"Effect of adoption, by years since adoption: {spoken(name)}", f"采纳的效应：按事件时间：{spoken(name)}",
        name=f"event_study_{name}", kind="event_study", models=models,
        statistics=["n_obs", "n_firms", "n_clusters", "r2_within", "mean_outcome"],
    )  # fmt: skip


def moderation_table(name: str) -> Table:
    """A moderated effect: its forms, the effect over its moderators, tests.

    Parameters
    ----------
    name : str
        Of the section.
    """
    title = (f"Moderation: {spoken(name)}", f"调节效应：{spoken(name)}")
    return _titled(*title, name=f"moderation_{name}", kind="moderation", models=[name])


def _titled(en: str, zh: str, **options: Any) -> Table:
    return Table(title=Bilingual(en=en, zh=zh), **options)


_TABLES: tuple[Callable[[Exhibits], list[Table]], ...] = (
    rehearsal_tables.tables,
    baseline_tables,
    robustness_tables,
    placebo_tables,
    specification_curve_tables,
    endogeneity_tables,
    _mediation,
    _moderation,
    _surface_tables,
    _exposure,
    _event_study,
    _breakthrough,
    _heterogeneity,
    _attrition,
    _hypotheses,
    _threats,
    _truth,
)
"""What makes the tables of each block, in the order of the chapter."""
