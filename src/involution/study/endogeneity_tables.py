"""The tables of the section `endogeneity`: one for each method, its items side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from involution.study.base import Bilingual
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.tables import DEFAULT_STATISTICS, Table
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


def regressions(items: list[Endogeneity], name: str, title: Bilingual, statistics: list[str]) -> Table:
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


def _omitted(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Sensitivity to omitted variables", zh="遗漏变量敏感性分析")
    named = [asked.name for asked in items]
    return [Table(name="endogeneity_omitted", kind="omitted", title=title, models=named)]


def _match(items: list[Endogeneity]) -> list[Table]:
    title = Bilingual(en="Regressions on matched rows", zh="倾向得分匹配后的回归")
    counts = ["n_treated_matched", "n_control_matched", "n_off_support"]
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
    "omitted": _omitted,
    "match": _match,
    "balance": _balance,
    "selection": _selection,
}
"""What makes the tables of each method, in the order of the chapter."""
