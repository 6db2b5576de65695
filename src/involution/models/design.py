"""A sample, its fixed effects and its clusters: absorbed once, estimated on many times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.conley import places
from involution.models.firm_means import firm_columns
from involution.models.groupings import Codes, Floats, Grouping
from involution.models.inference import Choice
from involution.models.levels import Levels
from involution.models.linear import fit_linear
from involution.models.margins import standing_alone
from involution.models.matrix import INTERCEPT, Columns, check_names, expand, no_column, numbers, outcome_values
from involution.models.notes import Note, note
from involution.models.options import check_estimator, check_mundlak, check_weights, variance_choice
from involution.models.poisson import fit_poisson
from involution.models.recorded import Origin
from involution.models.result import Fit, summarise
from involution.models.sample import Drops, Sample
from involution.models.solution import Solution
from involution.models.threads import single_threaded
from involution.study.formulas import Formula, effect_label, parse_formula


class Design:
    """Data with fixed effects and clusters; `estimate` absorbs each column once per set of complete rows.

    Parameters
    ----------
    data : DataFrame
        One row per firm-year; never changed. Missing values are dropped per model and counted.
    fixed_effects : sequence of str
        Columns, or ``a^b`` for a combination.
    cluster : sequence of str
        None, one or two columns.
    weights : str, optional
        Column of positive weights.
    singletons : {"drop", "keep"}
        What becomes of rows that a fixed effect explains alone.
    rows : array of bool, shape (n,), optional
        Rows that may be used; lags inside formulas still see the others.
    firm, year : str
        Panel keys, for counts, lags and random effects; they need not exist.

    Raises
    ------
    InputError
        For a name that the data do not have, or weights that are negative.
    """

    def __init__(
        self,
        data: pd.DataFrame,
        fixed_effects: Sequence[str] = (),
        cluster: Sequence[str] | str = (),
        *,
        weights: str | None = None,
        singletons: str = "drop",
        rows: np.ndarray | None = None,
        firm: str = "firm",
        year: str = "year",
    ) -> None:
        self.data = data
        self.effects = tuple(tuple(effect.split("^")) for effect in _listed(fixed_effects))
        self.cluster = tuple(_listed(cluster))
        self.weights = weights
        self.panel = {"firm": firm, "year": year}
        if singletons not in ("drop", "keep"):
            raise InputError(Problem("singletons", f"found '{singletons}'; expected 'drop' or 'keep'"))
        if len(self.cluster) > 2:
            raise InputError(Problem("cluster", f"{len(self.cluster)} clusterings named; one or two are supported"))
        self.rows = np.ones(len(data), dtype=bool) if rows is None else rows
        self.drop_singletons = singletons == "drop"
        _check_columns(data, [*(name for effect in self.effects for name in effect), *self.cluster], weights)
        self._levels = Levels(data)
        self._samples: dict[tuple[bytes, bool, bool], Sample] = {}

    def on(
        self,
        data: pd.DataFrame | None = None,
        *,
        fixed_effects: Sequence[str] | None = None,
        weights: str | None = None,
        rows: np.ndarray | None = None,
    ) -> Design:
        """The same design on a data frame with further columns, or with other effects, weights or rows.

        Parameters
        ----------
        data : DataFrame, optional
            Its rows are those of the design's own.
        fixed_effects, weights, rows : optional
            As of the design; its own unless given.
        """
        other = Design(
            self.data if data is None else data,
            [effect_label(effect) for effect in self.effects] if fixed_effects is None else fixed_effects,
            self.cluster,
            weights=weights or self.weights,
            singletons="drop" if self.drop_singletons else "keep",
            rows=self.rows if rows is None else rows,
            **self.panel,
        )
        if data is None:
            # What a column's levels are depends on the data alone.
            other._levels = self._levels
        return other

    def estimate(
        self,
        formula: str | Formula,
        *,
        estimator: str = "ols",
        vcov: str | None = None,
        small_sample: Mapping[str, Any] | None = None,
        conley: Mapping[str, Any] | None = None,
        draws: int = 9_999,
        seed: int = 0,
        mundlak: bool = False,
        remarks: Sequence[Note] = (),
    ) -> Fit:
        """Estimate a formula whose fixed effects are the design's.

        Parameters
        ----------
        formula : str or Formula
            ``y ~ x1 + x2``; with instruments ``y ~ x1 | endogenous ~ instrument``.
        estimator : str
            ols, poisson, iv, random_effects, logit, probit, cloglog, fractional_logit, fractional_probit,
            glm:<family>.
        vcov : str, optional
            iid, hetero, crv1, crv3, wild, driscoll_kraay or conley; crv1 by default with clusters, hetero without.
        small_sample : mapping, optional
            ``observations`` (bool), ``fixed_effects`` (none, nonnested, full), ``clusters`` (bool).
        conley : mapping, optional
            As `models.conley.Spatial`; rows without coordinates are left out.
        draws, seed : int
            Of the wild bootstrap.
        mundlak : bool
            Put the firm's means of the regressors in the place of its fixed effect (logit and what follows it).
        remarks : sequence of Note
            Said beside what the model says itself.

        Raises
        ------
        InputError
            For names that do not exist or options that are not known.
        NotEstimable
            When the data do not support the model.
        """
        parsed = parse_formula(formula) if isinstance(formula, str) else formula
        if parsed.fixed_effects and parsed.fixed_effects != self.effects:
            raise InputError(Problem("formula", "its fixed effects are not those of the design"))
        where = places(conley, self.data, self.panel) if vcov == "conley" else None
        choice = variance_choice(vcov, self.cluster, small_sample, draws, seed, where)
        check_estimator(estimator, parsed, vcov)
        if mundlak:
            check_mundlak(estimator, self.effects, self.panel["firm"])
        effects = self._absorbed_effects(mundlak)
        # What it is called follows what it is: least squares with instruments is two-stage.
        estimator = "iv" if parsed.endogenous else estimator
        outcome, blocks = self._columns(parsed)
        needed = blocks if where is None else [*blocks, where.columns]
        sample = self.sample(outcome, needed, constant=parsed.intercept and not effects, mundlak=mundlak)
        with single_threaded():
            solution, said = self._solve(estimator, sample, parsed, outcome, blocks, mundlak=mundlak)
            fit = summarise(
                solution,
                choice,
                formula=parsed.text,
                estimator=estimator,
                outcome=parsed.outcome.label,
                effects=[effect_label(effect) for effect in effects],
                outcome_values=outcome,
                remarks=(*said, *self._own_notes(sample, parsed, outcome, needed), *remarks),
            )
        return replace(fit, origin=self._origin(fit, parsed, solution, choice, mundlak=mundlak))

    def _origin(self, fit: Fit, parsed: Formula, solution: Solution, choice: Choice, *, mundlak: bool) -> Origin:
        return Origin(
            parsed, fit.estimator, self.data, self.panel, self.rows, self.weights, mundlak, solution, choice,
            fit.terms, fit.estimate, fit.std_error,
        )  # fmt: skip

    def solution(
        self, formula: str, *, estimator: str = "ols", mundlak: bool = False
    ) -> tuple[Solution, tuple[Note, ...]]:
        """A fitted model before its variance is chosen, for what needs the coefficients of several models jointly.

        Parameters, and what is raised, are those of `estimate`.
        """
        parsed = parse_formula(formula)
        check_estimator(estimator, parsed)
        if mundlak:
            check_mundlak(estimator, self.effects, self.panel["firm"])
        outcome, blocks = self._columns(parsed)
        constant = parsed.intercept and not self._absorbed_effects(mundlak)
        sample = self.sample(outcome, blocks, constant=constant, mundlak=mundlak)
        return self._solve(estimator, sample, parsed, outcome, blocks, mundlak=mundlak)

    def within(self, name: str, rows: Codes) -> Floats:
        """A column over some of its rows with all fixed effects taken out; about its mean without any.

        Parameters
        ----------
        name : str
            A column without missing values there.
        rows : array of int, shape (n,)
            Positions in the data, ascending: the rows of a `Fit`, of which none is a singleton.
        """
        chosen = np.zeros(len(self.data), dtype=bool)
        chosen[rows] = True
        values = np.where(chosen, numbers(self.data, name), np.nan)
        sample = self.sample(values, (), constant=not self.effects)
        return np.asarray(sample.absorber.residuals(sample.raw(values[:, None]))[:, 0])

    def _columns(self, parsed: Formula) -> tuple[Floats, list[Columns]]:
        """The outcome, and the exogenous and endogenous regressors and the instruments, over all rows of the data."""
        check_names(parsed, self.data.columns)
        outcome = outcome_values(parsed.outcome, self.data, self.panel)
        parts = (parsed.terms, parsed.endogenous, parsed.instruments)
        return outcome, [expand(terms, self.data, self.panel, self.rows) for terms in parts]

    def _solve(
        self,
        estimator: str,
        sample: Sample,
        parsed: Formula,
        outcome: Floats,
        blocks: Sequence[Columns],
        *,
        mundlak: bool,
    ) -> tuple[Solution, tuple[Note, ...]]:
        if sample.n == 0:
            incomplete = "no row has a value in every column of the model"
            why = incomplete if self.rows.any() else "no row fulfils its conditions"
            raise NotEstimable(f"no observations left: {why}")
        if estimator in ("ols", "iv"):
            return fit_linear(sample, parsed.outcome.label, outcome, *blocks), ()
        if estimator == "poisson":
            return fit_poisson(sample, parsed.outcome.label, outcome, blocks[0]), ()
        from involution.models.wrapped import fit_wrapped

        means: Floats | None = None
        said: tuple[Note, ...] = ()
        if mundlak:
            means, said = firm_columns(estimator, sample, blocks[0], self._levels.of((self.panel["firm"],)), self.rows)
        name, alone = parsed.outcome.label, standing_alone(parsed)
        solution, more = fit_wrapped(estimator, sample, name, outcome, blocks[0], means, alone)
        return solution, (*said, *more)

    def _absorbed_effects(self, mundlak: bool) -> tuple[tuple[str, ...], ...]:
        """The fixed effects, but for the firm's where means stand for it."""
        return tuple(effect for effect in self.effects if not (mundlak and effect == (self.panel["firm"],)))

    def known_rows(self) -> np.ndarray:
        """Rows that may be used in which every effect and cluster is known and the weight is positive, as a mask."""
        masks = [self._levels.of(key)[1] for key in (*self.effects, *((name,) for name in self.cluster))]
        known = np.logical_and.reduce([self.rows, *(mask for mask in masks if mask is not None)])
        return np.asarray(known if self.weights is None else known & (numbers(self.data, self.weights) > 0))

    def sample(self, outcome: Floats, blocks: Sequence[Columns], *, constant: bool, mundlak: bool = False) -> Sample:
        """The sample of complete rows, made once for each set of them."""
        complete = ~np.isnan(outcome) & self.known_rows()
        for block in blocks:
            complete &= block.complete
        weights = None if self.weights is None else numbers(self.data, self.weights)
        index = (complete.tobytes(), constant, mundlak)
        if index not in self._samples:
            self._samples[index] = self._make_sample(complete, weights, constant, mundlak)
        return self._samples[index]

    def _make_sample(self, complete: np.ndarray, weights: Floats | None, constant: bool, mundlak: bool) -> Sample:
        effects: list[Grouping] = [self._levels.of(effect)[0] for effect in self._absorbed_effects(mundlak)]
        if constant:
            effects = [Grouping(INTERCEPT, np.zeros(len(self.data), dtype=np.intp), 1)]
        firm, year = (self._levels.where_known(name, complete) for name in self.panel.values())
        whole = Sample(
            np.arange(len(self.data)),
            effects,
            [self._levels.of((name,))[0] for name in self.cluster],
            weights,
            Drops(),
            firm,
            year,
            intercept=constant,
            drop_singletons=self.drop_singletons,
            columns={name: self.data[name] for name in self.cluster},
        )
        missing = int(self.rows.sum()) - int(complete.sum())
        return (whole if complete.all() else whole.subset(complete, missing=missing)).without_singletons()

    def _own_notes(self, sample: Sample, parsed: Formula, outcome: Floats, blocks: Sequence[Columns]) -> list[Note]:
        """Rows lost to missing values, with the columns that lose them; the weights."""
        said = []
        if sample.drops.missing:
            missing = [(parsed.outcome.label, np.isnan(outcome))]
            for block in blocks:
                missing += [(name, np.isnan(block.values[:, j])) for j, name in enumerate(block.names)]
            said.append(self._missing(sample.drops.missing, missing))
        if self.weights is not None:
            said.append(note("weights", weights=self.weights))
        return said

    def lost(self, names: Sequence[str]) -> list[Note]:
        """What a model that needs these columns would say of rows that lack one of them; nothing where none does.

        Parameters
        ----------
        names : sequence of str
            Columns of the data.
        """
        missing = [(name, self.data[name].isna().to_numpy()) for name in dict.fromkeys(names)]
        known = self.known_rows() & ~np.logical_or.reduce([mask for _, mask in missing])
        count = int(self.rows.sum() - known.sum())
        return [self._missing(count, missing)] if count else []

    def _missing(self, count: int, missing: Sequence[tuple[str, np.ndarray]]) -> Note:
        """Rows lost to missing values, with the columns, effects, clusters and weights that lose them."""
        keys = dict.fromkeys([*self.effects, *((name,) for name in self.cluster)])
        masks = {key: self._levels.of(key)[1] for key in keys}
        every = [*missing, *((effect_label(key), ~mask) for key, mask in masks.items() if mask is not None)]
        lost = [(name, int((mask & self.rows).sum())) for name, mask in every]
        if self.weights is not None:
            weights = numbers(self.data, self.weights)
            lost.append((f"{self.weights} zero or missing", int((~(weights > 0) & self.rows).sum())))
        return note("missing", count=count, columns=", ".join(f"{name}: {n:,}" for name, n in lost if n))


def _listed(names: Sequence[str] | str) -> list[str]:
    return [names] if isinstance(names, str) else list(dict.fromkeys(names))


def _check_columns(data: pd.DataFrame, names: Sequence[str], weights: str | None) -> None:
    named = [*names, *([weights] if weights else [])]
    problems = [Problem("", no_column(name, data.columns)) for name in named if name not in data.columns]
    if problems:
        raise InputError(problems)
    if weights is not None:
        check_weights(data, weights)
