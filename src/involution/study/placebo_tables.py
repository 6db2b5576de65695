"""The table that the section `placebo` brings with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from involution.study.base import Bilingual
from involution.study.tables import DEFAULT_STATISTICS, Table
from involution.study.timing import dated

if TYPE_CHECKING:
    from involution.study.study import Exhibits


def placebo_tables(study: Exhibits) -> list[Table]:
    """The estimates whose treatment is permuted, with both p-values of the permutations; none without the section.

    Parameters
    ----------
    study : Exhibits
    """
    if not study.placebo:
        return []
    whole = [asked.completed(study.design) for asked in study.placebo]
    keep = list(dict.fromkeys(dated(str(asked.treatment), asked.clock.treatment) for asked in whole))
    return [
        Table(
            name="placebo",
            title=Bilingual(en="Placebo test: the treatment permuted", zh="安慰剂检验：随机置换处理变量"),
            models=[asked.name for asked in study.placebo],
            keep=keep,
            controls_row=any(asked.controls for asked in whole),
            statistics=[*DEFAULT_STATISTICS, "placebo_p", "placebo_p_t"],
        )
    ]
