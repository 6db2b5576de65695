"""The tables that a study's blocks bring with them, unless it has one of that name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from involution.study.base import Bilingual
from involution.study.block_names import (
    attrition_names,
    baseline_names,
    beside_names,
    event_study_names,
    mechanism_names,
)
from involution.study.event_study import REGRESSIONS, EventStudy
from involution.study.tables import Table
from involution.study.timing import Timing, dated

if TYPE_CHECKING:
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
    for event_study in study.event_study:
        tables.append(event_study_table(event_study.name, list(event_study_names(event_study).values())))
        tables += beside_tables(event_study)
    for attrition in study.attrition:
        names = attrition_names(attrition, study.design)
        tables.append(_titled("Attrition", "样本流失", name=f"attrition_{attrition.name}", models=names))
    if study.truth:
        tables.append(_titled("Planted and estimated effects", "设定效应与估计值", name="truth", kind="truth"))
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


def beside_tables(event_study: EventStudy) -> list[Table]:
    """What stands beside an event study: comparisons of two-way fixed effects, bounds, strength, a changed slope.

    Parameters
    ----------
    event_study : EventStudy
    """
    names, tables = beside_names(event_study), []
    estimators = event_study_names(event_study)
    bounded = [estimators[name] for name in estimators if name in REGRESSIONS and event_study.honest]
    if "callaway_santanna" in estimators and event_study.base_period == "universal" and event_study.honest:
        bounded.append(estimators["callaway_santanna"])
    if "bacon" in names:
        title = "What two-way fixed effects compare", "双向固定效应的分解"
        tables.append(_titled(*title, name=f"bacon_{event_study.name}", kind="bacon", models=[names["bacon"]]))
    if bounded:
        title = "Effects under bounds on drifts", "趋势偏离限度下的效应"
        tables.append(_titled(*title, name=f"honest_{event_study.name}", kind="honest", models=bounded))
    statistics = ["n_obs", "n_firms", "n_clusters", "mean_outcome"]
    if "dose" in names:
        title = "Effects by strength of the event", "按事件强度的效应"
        tables.append(_titled(*title, name=f"dose_{event_study.name}", models=[names["dose"]], statistics=statistics))
    if "triple" in names:
        title, models = ("What adoption changes", "采纳改变了什么"), [names["triple"], names["triple_twoway"]]
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
        "Effect of adoption, by years since adoption", "采纳的效应：按事件时间",
        name=f"event_study_{name}", kind="event_study", models=models,
        statistics=["n_obs", "n_firms", "n_clusters", "r2_within", "mean_outcome"],
    )  # fmt: skip


def _titled(en: str, zh: str, **options: Any) -> Table:
    return Table(title=Bilingual(en=en, zh=zh), **options)
