"""A moderated effect as users and programs read it; every form is estimated when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, NotEstimable, Problem, nearest
from involution.models.design import Design
from involution.models.distributions import critical_value
from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.moderation.bands import Effects, uniform
from involution.models.moderation.binning import Binned, binned
from involution.models.moderation.conditional import (
    Values,
    at_percentiles,
    linear_effects,
    moderator_values,
    over_grid,
)
from involution.models.moderation.demeaning import varies
from involution.models.moderation.forms import (
    HEADLINE,
    INTERACTION,
    NO_YEAR,
    PLAIN,
    PRODUCT,
    Fitted,
    Form,
    Options,
    fit_form,
    sample_of,
)
from involution.models.moderation.kernel import Smoothed, smoothed
from involution.models.moderation.response import response_effects
from involution.models.moderation.specification import Specification, product_term
from involution.models.moderation.support import grid_of, histogram
from involution.models.notes import Note
from involution.models.reported import Reported, Row
from involution.models.result import TIDY
from involution.models.treatment_level import level_by_values
from involution.study.formulas import effect_label

FORMS: Mapping[str, Form] = {"": HEADLINE, "product": PRODUCT, "no_year": NO_YEAR, "plain": PLAIN}


@dataclass(frozen=True)
class Moderation(Reported):
    """A moderated effect; every form is estimated when it is first asked for.

    Attributes
    ----------
    specification : Specification
    design : Design
    options : Options
    said : tuple of Note
        What the rules have to say.
    level : str
        Column at whose level the treatment varies by year; empty where it varies by firm.
    means : array of float, shape (N,), or None
        The treatment's mean by `level` and year, for the form in which fixed effects have its own effect.
    """

    specification: Specification
    design: Design
    options: Options
    said: tuple[Note, ...] = ()
    level: str = ""
    means: Floats | None = None

    def form(self, name: str = "") -> Fitted:
        """A form by its name: the headline's is empty; product, no_year, plain.

        Raises
        ------
        NotEstimable
        """
        return self._fitted(name)

    @cached_property
    def _made(self) -> dict[str, Fitted | NotEstimable]:
        return {}

    def _fitted(self, name: str) -> Fitted:
        if name not in self._made:
            try:
                self._made[name] = fit_form(self.specification, FORMS[name], self.design, self.options, self.said)
            except NotEstimable as error:
                self._made[name] = error
        found = self._made[name]
        if isinstance(found, NotEstimable):
            raise found
        return found

    @property
    def details(self) -> tuple[Row, ...]:  # type: ignore[override]
        """Statistics of the headline."""
        return self.form().fit.details

    @property
    def remarks(self) -> tuple[Note, ...]:  # type: ignore[override]
        """What has to be said of the headline."""
        return self.form().fit.remarks

    def tidy(self) -> pd.DataFrame:
        """The headline: one row per term, the interaction's being ``x:w``."""
        return self.form().fit.tidy()

    def compared(self) -> pd.DataFrame:
        """The interactions in every form, missing where it fails: columns form, term, estimate, ..., reason."""
        terms = [product_term(columns) for columns in self.specification.interactions]
        parts = []
        for name in (*FORMS, "interaction"):
            shown = name or "headline"
            try:
                fit = self.interaction().fit if name == "interaction" else self.form(name).fit
                rows = fit.tidy()
                parts.append(rows[rows["term"].isin(terms)].assign(form=shown, reason=""))
            except NotEstimable as error:
                parts.append(pd.DataFrame({"term": terms, "form": shown, "reason": str(error)}))
        return pd.concat(parts, ignore_index=True).reindex(columns=["form", *TIDY, "reason"])

    def interaction(self) -> Fitted:
        """The pure interaction: fixed effects at the treatment's level and year, which have its own effect.

        Raises
        ------
        NotEstimable
            Where the treatment varies by firm, or no moderator varies at the treatment's level and year.
        """
        sample_of(self.specification, self.design)
        if not self.level:
            raise NotEstimable(
                f"{self.specification.treatment} varies by firm: no fixed effects at its level leave an interaction"
            )
        year = self.design.panel["year"]
        cell = (self.level, year)
        kept = [effect_label(effect) for effect in self.design.effects if not set(effect) <= set(cell)]
        data = self.design.data
        if self.means is not None:
            data = data.assign(**{self.specification.treatment: self.means})
        design = self.design.on(data, fixed_effects=[*kept, effect_label(cell)])
        # A moderator of the firm, constant over its years, is absorbed by firm effects; its product with a treatment
        # that changes is not, as long as firms of one cell differ.
        cells = self.design.on(data, fixed_effects=[effect_label(cell)])
        sample = sample_of(self.specification, cells)
        for name in self.specification.moderating:
            if not varies(numbers(data, name), sample.absorber, sample):
                raise NotEstimable(
                    f"{name} does not vary within {effect_label(cell)}: these effects absorb its interaction too"
                )
        return fit_form(self.specification, INTERACTION, design, self.options, self.said)

    def effects(self, at: Any = None) -> pd.DataFrame:
        """Effects of the treatment at values of the moderators, from the form with plain products.

        Parameters
        ----------
        at : number, sequence of numbers, or mapping, optional
            Values of the only moderator, or by moderator; percentiles and their differences unless given. A moderator
            that is not named stays where it is taken about (its mean).

        Returns
        -------
        DataFrame
            Columns term (``effect[w=1.5]``), estimate, std_error, statistic, p_value, ci_low, ci_high. Of Poisson
            models the average effect on the expected outcome.
        """
        found = self.form("product")
        asked = at_percentiles(self.specification, found) if at is None else self._asked(at, found)
        return self._effects(found, asked).tidy()

    def _asked(self, at: Any, found: Fitted) -> dict[str, list[tuple[float, Values]]]:
        named = at if isinstance(at, Mapping) else {self.specification.moderating[0]: at}
        about = {name: found.factors.about[name] for name in self.specification.moderating}
        out: dict[str, list[tuple[float, Values]]] = {}
        for name, values in named.items():
            if name not in about:
                raise InputError(Problem("at", f"'{name}' is no moderator{nearest(str(name), about)}"))
            for value in np.atleast_1d(np.asarray(values, dtype=float)):
                out[f"effect[{name}={value:.10g}]"] = [(1.0, {**about, name: float(value)})]
        return out

    def _effects(self, found: Fitted, asked: Mapping[str, Sequence[tuple[float, Values]]]) -> Effects:
        if self.specification.estimator == "poisson":
            return response_effects(self.specification, found, asked, self.options)
        return linear_effects(self.specification, found, asked)

    def everywhere(self) -> tuple[Fitted, Effects, dict[str, tuple[Floats, Effects]]]:
        """The form with plain products, effects at percentiles, and by moderator a grid with the effects on it."""
        found = self.form("product")
        asked: dict[str, Any] = dict(at_percentiles(self.specification, found))
        named, grids = tuple(asked), {}
        for name, values in moderator_values(self.specification, found).items():
            grid = grid_of(values, found.sample.weights)
            points = over_grid(self.specification, found, name, grid)
            grids[name] = grid, [f"{name} {k}" for k in points]
            asked |= {f"{name} {k}": pieces for k, pieces in points.items()}
        every = self._effects(found, asked)
        return found, every.part(named), {name: (grid, every.part(terms)) for name, (grid, terms) in grids.items()}

    def curve(self, moderator: str | None = None) -> pd.DataFrame:
        """The effect over a moderator: columns x, estimate, ci_low, ci_high, uniform_low, uniform_high."""
        name = moderator or self.specification.moderating[0]
        _, _, grids = self.everywhere()
        if name not in grids:
            raise InputError(Problem("moderator", f"'{name}' is no moderator{nearest(name, grids)}"))
        grid, effects = grids[name]
        return band_frame(grid, effects, self.options)

    def bins(self, moderator: str | None = None) -> Binned:
        """The binning estimator of a moderator.

        Raises
        ------
        NotEstimable
        """
        return binned(self.specification, moderator or self.specification.moderating[0], self.design, self.options)

    def kernel(self, moderator: str | None = None, bandwidth: float | None = None) -> Smoothed:
        """The kernel estimator over a moderator, by least squares alone.

        Raises
        ------
        NotEstimable
        """
        if self.specification.estimator != "ols":
            raise NotEstimable("the kernel estimator is built for least squares")
        name = moderator or self.specification.moderating[0]
        return smoothed(self.specification, name, self.form("plain"), self.options, bandwidth)

    def support(self, moderator: str | None = None) -> pd.DataFrame:
        """Histogram of a moderator over the rows used: columns x, rows."""
        name = moderator or self.specification.moderating[0]
        sample = sample_of(self.specification, self.design)
        x, rows = histogram(sample.raw(numbers(self.design.data, name)))
        return pd.DataFrame({"x": x, "rows": rows})


def band_frame(grid: Floats, effects: Effects, options: Options) -> pd.DataFrame:
    """A curve with both bands: columns x, estimate, ci_low, ci_high, uniform_low, uniform_high."""
    inner = effects.band(critical_value(effects.degrees))
    outer = effects.band(uniform(effects, options.draws, options.seed))
    return inner.assign(x=grid, uniform_low=outer["ci_low"], uniform_high=outer["ci_high"])[
        ["x", "estimate", "ci_low", "ci_high", "uniform_low", "uniform_high"]
    ]


def moderation_of(
    specification: Specification, design: Design, options: Options, said: Sequence[Note], level: str
) -> Moderation:
    """A moderation on a design; the level of the treatment is looked for in the data where it is not known.

    Parameters
    ----------
    level : str
        industry or region where the treatment is a measure of that level; empty otherwise.
    """
    data, year = design.data, design.panel["year"]
    if not level or level not in data.columns:
        further = [name for name in design.cluster if name not in design.panel.values()]
        level = level_by_values(specification.treatment, data, design.rows, year, further)
    means = None
    if level:
        grouped = data.groupby([level, year], dropna=False)[specification.treatment]
        means = grouped.transform("mean").where(data[specification.treatment].notna()).to_numpy(dtype=float)
    return Moderation(specification, design, replace(options), tuple(said), level, means)
