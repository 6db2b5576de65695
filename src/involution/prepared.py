"""A study up to its analysis sample, in one call: what the stages before estimation make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from involution.measures.compute import Measured
    from involution.panel.build import Built
    from involution.study.study import Study


@dataclass(frozen=True)
class Prepared:
    """The data of a study, its measures and its sample.

    Attributes
    ----------
    data : Built
    found : Measured
    analysis : DataFrame
        The analysis panel: all rows of the population, with ``in_sample``.
    sample : dict
        Report of the sample.
    """

    data: Built
    found: Measured
    analysis: pd.DataFrame
    sample: dict[str, Any]


def prepared(study: Study) -> Prepared:
    """Read a study's data, measure, make its variables and flag its sample.

    Parameters
    ----------
    study : Study

    Raises
    ------
    InputError
        For what is wrong with the data.
    """
    from involution.measures import analysis_sample, measured
    from involution.panel import built

    data = built(study.data, study.derive, study.population, study.resolve)
    found = measured(
        data.panel,
        study.index,
        size_standard=study.size_standard,
        accounting=study.accounting,
        events=data.events,
    )
    analysis, sample = analysis_sample(found.frame, study.variables, study.sample)
    return Prepared(data, found, analysis, dict(sample))
