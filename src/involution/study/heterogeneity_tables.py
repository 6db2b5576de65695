"""The tables that the sections of heterogeneity and quantile regression bring with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from involution.study.base import Bilingual
from involution.study.tables import Statistic, Table
from involution.study.timing import dated

if TYPE_CHECKING:
    from involution.study.study import Exhibits

_STATISTICS: list[Statistic] = ["n_obs", "n_firms", "n_clusters", "r2_within", "mean_outcome"]


def tables(study: Exhibits) -> list[Table]:
    """A table of each split, and one of all quantile regressions.

    Parameters
    ----------
    study : Exhibits
    """
    out = []
    for asked in study.heterogeneity:
        spoken = asked.name.replace("_", " ")
        out.append(
            Table(
                name=f"heterogeneity_{asked.name}",
                kind="heterogeneity",
                title=Bilingual(en=f"Heterogeneity: {spoken}", zh=f"异质性分析：{spoken}"),
                models=[asked.name],
                controls_row=bool(asked.completed(study.design).controls),
                statistics=_STATISTICS,
            )
        )
    whole = [asked.completed(study.design) for asked in study.quantile_regression]
    if whole:
        controls = [dated(name, asked.clock.controls) for asked in whole for name in asked.controls or ()]
        out.append(
            Table(
                name="quantile_regression",
                kind="quantile_regression",
                models=[asked.name for asked in whole],
                drop=list(dict.fromkeys(controls)),
                controls_row=bool(controls),
                statistics=["n_obs", "n_firms", "n_clusters", "mean_outcome"],
            )
        )
    return out
