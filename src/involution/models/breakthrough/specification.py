"""What is asked of a breakthrough, in dated columns: an outcome, a treatment, and levers of one or more columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from involution.models.groupings import Floats
from involution.models.matrix import Columns, numbers
from involution.study import breakthrough as section
from involution.study.timing import Timing, dated


@dataclass(frozen=True)
class Specification:
    """A joint model of levers.

    Attributes
    ----------
    outcome, treatment : str
    levers : dict of str to tuple of str
        Columns of each lever; of two with their product a third, ``a:b``.
    controls : tuple of str
    products : dict of str to (str, str)
        The two columns of each product.
    """

    outcome: str
    treatment: str
    levers: Mapping[str, tuple[str, ...]]
    controls: tuple[str, ...] = ()
    products: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def moving(self) -> tuple[str, ...]:
        """Columns of all levers."""
        return tuple(name for columns in self.levers.values() for name in columns)

    @property
    def regressors(self) -> tuple[str, ...]:
        """The treatment, the levers' columns and the controls, each once: complete rows have them all."""
        return tuple(dict.fromkeys((self.treatment, *self.moving, *self.controls)))

    def columns(self, data: pd.DataFrame) -> Columns:
        """The regressors over all rows of the data; a product is made of its two columns."""
        values = [self._values(name, data) for name in self.regressors]
        return Columns(self.regressors, np.asfortranarray(np.column_stack(values)))

    def _values(self, name: str, data: pd.DataFrame) -> Floats:
        if name not in self.products:
            return numbers(data, name)
        first, second = self.products[name]
        return numbers(data, first) * numbers(data, second)


def clock(asked: section.Breakthrough) -> Timing:
    """The years of a completed section."""
    assert asked.timing is not None
    return asked.timing


def columns_of(asked: section.Breakthrough) -> list[tuple[str, int]]:
    """The columns of a section, each with its years from the row's own."""
    timing = clock(asked)
    assert asked.treatment is not None
    return [
        (asked.outcome, timing.outcome),
        (asked.treatment, timing.treatment),
        *((name, _year(lever, timing)) for lever in asked.levers.values() for name in lever.by),
        *((name, timing.controls) for name in asked.controls or ()),
    ]


def specification_of(asked: section.Breakthrough) -> Specification:
    """The joint model in dated columns."""
    timing = clock(asked)
    assert asked.treatment is not None
    levers = {
        name: tuple(dated(column, _year(lever, timing)) for column in lever.by) for name, lever in asked.levers.items()
    }
    products = {":".join(levers[name]): levers[name] for name, lever in asked.levers.items() if lever.product}
    return Specification(
        outcome=dated(asked.outcome, timing.outcome),
        treatment=dated(asked.treatment, timing.treatment),
        levers={
            name: (*columns, ":".join(columns)) if asked.levers[name].product else columns
            for name, columns in levers.items()
        },
        controls=tuple(dated(name, timing.controls) for name in asked.controls or ()),
        products={name: (first, second) for name, (first, second) in products.items()},
    )


def _year(lever: section.Lever, timing: Timing) -> int:
    return timing.moderator if lever.years is None else lever.years
