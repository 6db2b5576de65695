"""The regressions of a study and their data, read back from the files of its blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from involution.models.recorded import AGAIN, Absorbed, Recorded, Regressor
from involution.portable.names import Names, program_names

MARKERS = ("allowed", "used")


@dataclass(frozen=True)
class Request:
    """A regression with the names that programs use.

    Attributes
    ----------
    asked : Recorded
        Columns are those of `Requests.data`.
    column : mapping of str to str
        What the data file calls each column of the regression.
    allowed, used : str or None
        Markers of the rows that may be used and, where separated rows are left out, of those that were.
    """

    asked: Recorded
    column: Mapping[str, str]
    allowed: str | None = None
    used: str | None = None

    @property
    def outcome(self) -> str:
        """The outcome's name."""
        return self.column[self.asked.outcome]

    @property
    def weights(self) -> str | None:
        """The name of the weights."""
        return None if self.asked.weights is None else self.column[self.asked.weights]

    @property
    def cluster(self) -> list[str]:
        """Names of the clusters."""
        return [self.column[name] for name in self.asked.cluster]

    @property
    def exogenous(self) -> list[str]:
        """Names of the regressors that have a coefficient, but for those that are instrumented."""
        return [self.column[part.term] for part in self.asked.exogenous if part.term in self.asked.terms]

    @property
    def endogenous(self) -> list[str]:
        """Names of the regressors that are instrumented."""
        return [self.column[part.term] for part in self.asked.endogenous]

    @property
    def instruments(self) -> list[str]:
        """Names of the instruments."""
        return [self.column[part.term] for part in self.asked.instruments]

    @property
    def without_coefficient(self) -> list[str]:
        """Names of the regressors that are absorbed or collinear; rows without a value are left out too."""
        return [self.column[part.term] for part in self.asked.exogenous if part.term not in self.asked.terms]

    def numbers(self, values: Sequence[float | None], constant: str) -> dict[str, float]:
        """Numbers by the names of their coefficients; those that are missing are left out.

        Parameters
        ----------
        values : sequence of float or None
            In the order of the terms.
        constant : str
            What the program calls the constant.
        """
        known = {"(Intercept)": constant, **self.column}
        return {known[term]: value for term, value in zip(self.asked.terms, values, strict=True) if value is not None}

    @property
    def effects(self) -> list[list[str]]:
        """Names of the columns of each fixed effect."""
        return [[self.column[name] for name in effect.columns] for effect in self.asked.effects]


@dataclass(frozen=True)
class Requests:
    """Every regression of a study and the one data file that they read.

    Attributes
    ----------
    models : dict of str to Request
    data : DataFrame
        One row for each row that some regression may use; columns under the names that programs use.
    names : Names
        From what the study calls a column (and markers, and products of columns) to these names.
    products : dict of str to tuple of str
        Columns that scripts make as products: the factors' names by the name.
    """

    models: dict[str, Request]
    data: pd.DataFrame
    names: Names
    products: dict[str, tuple[str, ...]]


def read_requests(blocks: Iterable[tuple[Sequence[Mapping[str, Any]], pd.DataFrame]]) -> Requests:
    """The regressions of all blocks; a column that several blocks have stands once.

    Parameters
    ----------
    blocks : iterable of (list of dict, DataFrame)
        As `models.recorded.united_columns` makes them, in the order of the results.
    """
    whole: dict[str, pd.Series] = {}
    plain: list[dict[str, Any]] = []
    for models, frame in blocks:
        moved = {name: _placed(whole, name, frame[name]) for name in frame.columns}
        for model in models:
            markers = {key: moved.get(str(model.get(key))) for key in MARKERS}
            columns = {name: moved[key] for name, key in model.get("columns", {}).items()}
            plain.append({**model, **markers, "columns": columns})
    # Products are named after the columns, so that no column's name depends on them.
    factors = [_factors(model, regressor) for model in plain for regressor in _regressors(model)]
    made = [pieces for pieces in dict.fromkeys(factors) if len(pieces) > 1]
    names = program_names([*whole, *map(_product_label, made)])
    read = {name for model in plain for name in (*model["columns"].values(), *(model[key] for key in MARKERS))}
    data = pd.DataFrame({names[name]: values for name, values in whole.items() if name in read})
    requests = {model["model"]: _request(model, names) for model in plain}
    products = {names[_product_label(pieces)]: tuple(names[piece] for piece in pieces) for pieces in made}
    return Requests(requests, _needed(data, requests), names, products)


def _placed(whole: dict[str, pd.Series], name: str, values: pd.Series) -> str:
    key, number = name, 1
    base = name.partition(AGAIN)[0]
    while key in whole:
        if np.array_equal(whole[key].to_numpy(), values.to_numpy(), equal_nan=True):
            return key
        number += 1
        key = f"{base}{AGAIN}{number}"
    whole[key] = values
    return key


def _regressors(model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [part for key in ("exogenous", "endogenous", "instruments") for part in model.get(key, ())]


def _factors(model: Mapping[str, Any], regressor: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(model["columns"][name] for name in regressor["factors"])


def _product_label(pieces: Sequence[str]) -> str:
    """A key that no column has: a study may call a column ``a:b`` that is another product."""
    return "\x1f".join(pieces)


def _request(model: Mapping[str, Any], names: Names) -> Request:
    fields = {key: model[key] for key in Recorded.__dataclass_fields__ if key in model}
    columns = {name: names[key] for name, key in model["columns"].items()}
    for regressor in _regressors(model):
        columns[regressor["term"]] = names[_product_label(_factors(model, regressor))]
    typed: dict[str, Any] = {
        "effects": tuple(Absorbed(tuple(e["columns"]), e["levels"], e["nested"]) for e in model.get("effects", ())),
        **{
            key: tuple(Regressor(part["term"], tuple(part["factors"])) for part in model.get(key, ()))
            for key in ("exogenous", "endogenous", "instruments")
        },
    }
    for key in ("cluster", "clusters", "terms", "estimate", "std_error", "sandwich_error"):
        typed[key] = tuple(model.get(key, ()))
    asked = replace(Recorded("", "", "", ""), **{**fields, **typed, "columns": {}, "allowed": None, "used": None})
    marks = {key: names[model[key]] if model[key] is not None else None for key in MARKERS}
    return Request(asked, columns, **marks)


def _needed(data: pd.DataFrame, requests: Mapping[str, Request]) -> pd.DataFrame:
    """Rows that some regression may use."""
    translated = [request for request in requests.values() if not request.asked.reason]
    if any(request.allowed is None for request in translated) or not translated:
        return data
    marked = data[[str(request.allowed) for request in translated]].any(axis=1)
    return data[marked].reset_index(drop=True)
