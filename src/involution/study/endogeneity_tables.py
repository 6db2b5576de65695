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


_TABLES: dict[str, Callable[[list[Endogeneity]], list[Table]]] = {
    "leads_lags": _leads_lags,
    "omitted": _omitted,
}
"""What makes the tables of each method, in the order of the chapter."""
