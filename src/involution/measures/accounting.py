"""One meaning of administrative expense in all years: R&D charged to profit is inside it.

The measures take R&D out of it (spending before R&D) or add it back (profit before R&D). Where accounts show R&D in
a line of its own, as Chinese ones do from 2018, it is added first: else effort would fall in the year of the break, and
margins rise, though nothing happened.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.measures.registry import Entry
from involution.study.accounting import AccountingRule

EXPENSE, RESEARCH = "admin_expense", "rd_expensed"
CHINESE_BREAK = 2018
"""First year in which Chinese income statements show R&D in a line of its own (财会〔2018〕15号)."""


def harmonised(panel: pd.DataFrame, rules: Sequence[AccountingRule]) -> pd.DataFrame:
    """The panel with R&D inside `admin_expense` in every year.

    Parameters
    ----------
    panel : DataFrame
        Not changed.
    rules : sequence of AccountingRule

    Returns
    -------
    DataFrame
        In years with R&D beside it, `admin_expense` is that reported plus `rd_expensed`, and missing where either is:
        R&D that is not reported is not zero. Other years, and a panel without such a rule, are as they were.

    Raises
    ------
    InputError
        Where a rule says ``beside`` and the panel lacks `admin_expense`, `rd_expensed` or `year`.
    """
    beside = [rule.years for rule in rules if rule.rd_expensed == "beside"]
    if not beside:
        return panel
    missing = [name for name in ("year", EXPENSE, RESEARCH) if name not in panel.columns]
    if missing:
        what = f"R&D beside {EXPENSE} is added to it, and the panel has no column {' and '.join(missing)}"
        raise InputError(Problem("accounting", what, mend="map the column, or remove the rule"))
    apart = np.logical_or.reduce([panel["year"].between(*years) for years in beside])
    return panel.assign(**{EXPENSE: panel[EXPENSE].where(~apart, panel[EXPENSE] + panel[RESEARCH])})


def said_of(entry: Entry, rules: Sequence[AccountingRule]) -> str:
    """What the dictionary adds to the formula of a measure that is computed from `admin_expense`."""
    if not rules or EXPENSE not in entry.needs:
        return ""
    beside = sorted(rule.years for rule in rules if rule.rd_expensed == "beside")
    if not beside:
        return f"; accounting: R&D inside {EXPENSE} in all years"
    spans = ", ".join(f"{first}-{last}" for first, last in beside)
    return f"; accounting: R&D beside {EXPENSE} and added to it in {spans}, inside it in all other years"


_UNSAID = {
    "en": "{expense} is taken to hold {research} in all years; Chinese accounts show it in a line of its own from "
    "{since}: `accounting` says which years do",
    "zh": "{expense} 在所有年份均视为包含 {research}；中国会计报表自 {since} 年起将其单列："
    "请在 `accounting` 中说明各年口径",
}


def unsaid(panel: pd.DataFrame, rules: Sequence[AccountingRule], language: str = "en") -> str:
    """What a study should be asked that spans the Chinese break and does not say where its R&D is; else nothing."""
    if rules or not {EXPENSE, RESEARCH, "year"} <= set(panel.columns):
        return ""
    years = panel.loc[panel[EXPENSE].notna() & panel[RESEARCH].notna(), "year"]
    if not ((years < CHINESE_BREAK).any() and (years >= CHINESE_BREAK).any()):
        return ""
    return _UNSAID[language].format(expense=EXPENSE, research=RESEARCH, since=CHINESE_BREAK)
