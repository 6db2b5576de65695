"""A completed item of the section `endogeneity` in dated columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from involution.models.blocks import Run
from involution.models.design import Design
from involution.models.notes import Note
from involution.models.own_design import prepared_design
from involution.models.tidy import BlockResult
from involution.study.endogeneity import Endogeneity
from involution.study.timing import dated

SECTION = BLOCK = "endogeneity"
Prepared = tuple[Design, tuple[Note, ...]]


@dataclass(frozen=True)
class Method:
    """One method of the section.

    Attributes
    ----------
    prepare : callable
        From a completed item, the analysis panel and the run to its design, every name and rule checked; raises an
        InputError for what a user has to mend.
    estimate : callable
        From the item, its design, what the rules have to say and the run to one result per model, in the order of
        `study.endogeneity.endogeneity_names`. Raises NotEstimable only where it holds for all of them.
    estimator : str
        Of the headline; stands in its row where it could not be estimated.
    beside : tuple of str
        The same of the further models, in their order; least squares where none is named.
    """

    prepare: Callable[[Endogeneity, pd.DataFrame, Run], Prepared]
    estimate: Callable[[Endogeneity, Design, tuple[Note, ...], Run], list[BlockResult]]
    estimator: str
    beside: tuple[str, ...] = ()


def prepared(asked: Endogeneity, columns: Sequence[tuple[str, int]], data: pd.DataFrame, run: Run) -> Prepared:
    """The design of a completed item: its treatment and further regressors, each with its years from the row's own."""
    treatment = str(asked.treatment)
    every = [(treatment, asked.clock.treatment), *columns]
    return prepared_design(SECTION, asked, list(dict.fromkeys(every)), treatment, data, run)


def outcome_of(asked: Endogeneity) -> str:
    """The dated outcome."""
    return dated(asked.outcome, asked.clock.outcome)


def treatment_of(asked: Endogeneity) -> str:
    """The dated treatment."""
    return dated(str(asked.treatment), asked.clock.treatment)


def controls_of(asked: Endogeneity) -> list[str]:
    """The dated controls."""
    return [dated(name, asked.clock.controls) for name in asked.controls or ()]
