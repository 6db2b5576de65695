"""The block `endogeneity` of a study."""

from __future__ import annotations

import pandas as pd

from involution.errors import NotEstimable
from involution.models.blocks import Run
from involution.models.design import Design
from involution.models.endogeneity.asked import BLOCK, SECTION, Method, outcome_of
from involution.models.endogeneity.balance import BALANCE
from involution.models.endogeneity.dynamic import DYNAMIC
from involution.models.endogeneity.instruments import INSTRUMENTS
from involution.models.endogeneity.leads_lags import LEADS_LAGS
from involution.models.endogeneity.lewbel import LEWBEL
from involution.models.endogeneity.match import MATCH
from involution.models.endogeneity.omitted import OMITTED
from involution.models.endogeneity.selection import SELECTION
from involution.models.endogeneity.shift_share import SHIFT_SHARE
from involution.models.notes import Note
from involution.models.own_design import each_prepared
from involution.models.tidy import BlockResult, gathered, of_failure
from involution.study.endogeneity import Endogeneity, endogeneity_names
from involution.study.sections import Blocks

_METHODS: dict[str, Method] = {
    "leads_lags": LEADS_LAGS,
    "dynamic": DYNAMIC,
    "instruments": INSTRUMENTS,
    "shift_share": SHIFT_SHARE,
    "lewbel": LEWBEL,
    "omitted": OMITTED,
    "match": MATCH,
    "balance": BALANCE,
    "selection": SELECTION,
}
"""By the key that names it in the study file."""


def run_endogeneity(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate every item of the section.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns that do not exist and designs that a rule refuses, those of all items together.
    """
    parts = [
        part for asked, design, said in check_endogeneity(study, data, run) for part in _item(asked, design, said, run)
    ]
    return gathered(parts, study=run.study, block=BLOCK)


def check_endogeneity(
    study: Blocks, data: pd.DataFrame, run: Run
) -> list[tuple[Endogeneity, Design, tuple[Note, ...]]]:
    """Each item with its design and what the rules have to say; an InputError for what they refuse."""
    completed = [asked.completed(study.design) for asked in study.endogeneity]
    return each_prepared(SECTION, completed, lambda asked: _METHODS[asked.method].prepare(asked, data, run))


def _item(asked: Endogeneity, design: Design, said: tuple[Note, ...], run: Run) -> list[BlockResult]:
    method = _METHODS[asked.method]
    try:
        return method.estimate(asked, design, said, run)
    except NotEstimable as error:
        effects, names = asked.fixed_effects or (), endogeneity_names(asked)
        estimators = [method.estimator, *(method.beside or ["ols"] * (len(names) - 1))]
        return [
            of_failure(name, str(error), estimator=estimator, outcome=outcome_of(asked), fixed_effects=effects)
            for name, estimator in zip(names, estimators, strict=True)
        ]
