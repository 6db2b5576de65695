"""The tables of the section `endogeneity`: one for each method, its items side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from involution.study.base import Bilingual
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.tables import DEFAULT_STATISTICS, Panel, Statistic, Table
from involution.study.timing import dated

if TYPE_CHECKING:
    from involution.study.study import Exhibits


def endogeneity_tables(study: Exhibits) -> list[Table]:
    """The tables of every method that the study uses.

    Parameters
    ----------
    study : Exhibits
    """
    by_method = {
        method: [asked.completed(study.design) for asked in study.endogeneity if asked.method == method]
        for method in _TABLES
    }
    return [table for method, items in by_method.items() if items for table in _TABLES[method](items)]


def regressions(items: list[Endogeneity], name: str, title: Bilingual, statistics: list[Statistic]) -> Table:
    """A table of the regressions of a method, controls hidden."""
    controls = [dated(column, asked.clock.controls) for asked in items for column in asked.controls or ()]
    return Table(
        name=name,
        title=title,
        models=[model for asked in items for model in endogeneity_names(asked)],
        drop=list(dict.fromkeys(controls)),
        controls_row=bool(controls),
        statistics=[*DEFAULT_STATISTICS, *statistics],
    )


def _leads_lags(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Leads and lags of the treatment", zh="处理变量的领先与滞后项")
    return [regressions(items, "endogeneity_leads_lags", title, ["leads_f", "lags_f"])]


def _dynamic(items: list[Endogeneity]) -> list[Table]:
    """One table for each item: its estimators side by side."""
    statistics: list[Statistic] = ["n_instruments", "ar1", "ar2", "hansen_j", "difference_hansen"]
    titles = {
        "_ols": Bilingual(en="Pooled", zh="混合"),
        "_within": Bilingual(en="Within", zh="组内"),
    }
    tables = []
    for asked in items:
        title = Bilingual(en=f"Dynamic panel: {asked.name.replace('_', ' ')}", zh=f"动态面板：{asked.name}")
        made = regressions([asked], f"endogeneity_{asked.name}", title, statistics)
        named = {f"{asked.name}{ending}": text for ending, text in titles.items()}
        tables.append(made.model_copy(update={"column_titles": named}))
    return tables


_STRENGTH: tuple[Statistic, ...] = (
    "effective_f", "effective_f_critical", "instruments_f", "anderson_rubin", "wu_hausman_robust",
    "hansen_j",
)  # fmt: skip
_COLUMNS = {
    "": ("Second stage", "第二阶段"),
    "_first": ("First stage", "第一阶段"),
    "_reduced": ("Reduced form", "简约式"),
    "_ols": ("Least squares", "普通最小二乘"),
    "_shocks": ("By shocks", "冲击层面"),
    "_clustered": ("Clustered", "聚类标准误"),
    "_balance": ("Balance", "平衡性检验"),
}
_BESIDE = ("", "_first", "_reduced", "_ols")


def two_stage_table(
    items: list[Endogeneity], parts: Sequence[str], name: str, title: Bilingual, more: tuple[Statistic, ...] = ()
) -> Table:
    """Second stage, first stage, reduced form and least squares side by side; a panel for each item.

    Parameters
    ----------
    items : list of Endogeneity
        Completed.
    parts : sequence of str
        Ends of the models' names.
    name : str
    title : Bilingual
    more : tuple of str
        Statistics beside those of every such table.
    """
    table = regressions(items, name, title, [*_STRENGTH, *more])
    titles = {
        f"{asked.name}{part}": Bilingual(en=_COLUMNS[part][0], zh=_COLUMNS[part][1])
        for asked in items
        for part in parts
    }
    panels = [
        Panel(title=Bilingual(en=asked.name, zh=asked.name), models=[f"{asked.name}{part}" for part in parts])
        for asked in items
    ]
    alone = len(items) == 1
    return table.model_copy(
        update={
            "models": panels[0].models if alone else [],
            "panels": [] if alone else panels,
            "column_titles": titles,
        }
    )


def _instruments(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Instrumental variables", zh="工具变量估计")
    tables = [two_stage_table(items, _BESIDE, "endogeneity_instruments", title)]
    doubted = [f"{asked.name}_bounds" for asked in items if asked.plausibly_exogenous is not None]
    if doubted:
        title = Bilingual(en="Instruments with an effect of their own", zh="工具变量的近似外生性检验")
        tables.append(Table(name="endogeneity_bounds", kind="bounds", title=title, models=doubted))
    return tables


def _shift_share(items: list[Endogeneity]) -> list[Table]:
    parts = ("", "_shocks", "_clustered", "_first", "_reduced", "_ols")
    title = Bilingual(en="Shift-share instrument", zh="份额移动工具变量")
    more: tuple[Statistic, ...] = ("first_stage_f_akm", "effective_shocks", "effective_groups")
    table = two_stage_table(items, parts, "endogeneity_shift_share", title, more)
    treatments = [dated(str(asked.treatment), asked.clock.treatment) for asked in items]
    # Controls are in every model but terms of the clustered ones alone: the notes say what they are.
    shown = {"keep": [*dict.fromkeys(treatments), "shift_share"], "drop": [], "controls_row": False}
    tables = [table.model_copy(update=shown)]
    balanced = [f"{asked.name}_balance" for asked in items if asked.shift_share and asked.shift_share.balance]
    if balanced:
        title = Bilingual(en="Shock balance", zh="冲击平衡性检验")
        statistics: list[Statistic] = ["n_obs", "n_clusters"]
        tables.append(Table(name="endogeneity_shock_balance", title=title, models=balanced, statistics=statistics))
    title = Bilingual(en="Rotemberg weights", zh="Rotemberg 权重")
    models = [f"{asked.name}_rotemberg" for asked in items]
    return [*tables, Table(name="endogeneity_rotemberg", kind="rotemberg", title=title, models=models)]


def _lewbel(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Instruments from heteroskedasticity", zh="基于异方差的工具变量")
    return [two_stage_table(items, ("", "_first", "_ols"), "endogeneity_lewbel", title, ("breusch_pagan",))]


def _omitted(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Sensitivity to omitted variables", zh="遗漏变量敏感性分析")
    named = [asked.name for asked in items]
    return [Table(name="endogeneity_omitted", kind="omitted", title=title, models=named)]


def _match(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Regressions on matched rows", zh="倾向得分匹配后的回归")
    counts: list[Statistic] = ["n_treated_matched", "n_control_matched", "n_off_support"]
    table = regressions(items, "endogeneity_match", title, counts)
    parts = {"": ("Matched, weighted", "匹配加权"), "_once": ("Matched, each row once", "匹配样本"),
             "_indicator": ("Matched, two groups", "匹配加权（分组）"), "_before": ("Before", "匹配前"),
             "_score": ("Score", "得分模型")}  # fmt: skip
    return [_with_titles(table, items, parts), _balance_table(items, "match")]


def _balance(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Regressions with balancing weights", zh="熵平衡加权回归")
    table = regressions(items, "endogeneity_balance", title, ["effective_rows"])
    parts = {"": ("Balanced", "平衡后"), "_before": ("Before", "平衡前")}
    return [_with_titles(table, items, parts), _balance_table(items, "balance")]


def _balance_table(items: list[Endogeneity], method: str) -> Table:
    title = Bilingual(en="Balance of covariates", zh="协变量平衡性检验")
    named = [asked.name for asked in items]
    return Table(name=f"endogeneity_{method}_balance", kind="balance", title=title, models=named)


def _selection(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Correction for unreported outcomes", zh="样本选择修正（Heckman）")
    table = regressions(items, "endogeneity_selection", title, ["n_reported", "n_unreported", "exclusion_f"])
    parts = {
        "": ("Corrected", "修正后"),
        "_uncorrected": ("Uncorrected", "未修正"),
        "_reporting": ("Reporting", "是否披露"),
    }
    return [_with_titles(table, items, parts)]


def _with_titles(table: Table, items: list[Endogeneity], parts: dict[str, tuple[str, str]]) -> Table:
    """The table with what each part of a method is called above its column."""
    titles = {f"{asked.name}{part}": Bilingual(en=en, zh=zh) for asked in items for part, (en, zh) in parts.items()}
    return table.model_copy(update={"column_titles": titles})


_TABLES: dict[str, Callable[[list[Endogeneity]], list[Table]]] = {
    "leads_lags": _leads_lags,
    "dynamic": _dynamic,
    "instruments": _instruments,
    "shift_share": _shift_share,
    "lewbel": _lewbel,
    "omitted": _omitted,
    "match": _match,
    "balance": _balance,
    "selection": _selection,
}
"""What makes the tables of each method, in the order of the chapter."""
