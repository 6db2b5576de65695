r"""The slope of the treatment in exposure, under every permuted calendar, exactly as re-estimation would find it.

Exposure is linear in its parts (who is aimed at when), and so are its deviations, their product with the treatment and
what the fixed effects and the other regressors leave of both. With :math:`u_k` and :math:`v_k` what they leave of part
k and of its product, and :math:`a_d` the parts of calendar d, the slope is that of a regression on two columns,

.. math:: \kappa_d = \frac{a'V'y \cdot a'U'Ua - a'U'y \cdot a'U'Va}{a'U'Ua \cdot a'V'Va - (a'U'Va)^2},

so the parts are absorbed once, and a calendar costs three small products (Frisch, Waugh and Lovell). Where there are
more parts than calendars, each calendar is its own part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from involution.models.absorb import Absorber
from involution.models.demeaned import BOTH, FIRM, Deviations
from involution.models.exposure.pool import Calendars, Pool, distinct
from involution.models.exposure.regression import Fitted
from involution.models.groupings import Codes, Floats
from involution.models.sample import Sample
from involution.models.threads import single_threaded

_BATCH_NUMBERS = 16_000_000
_COLLINEAR = 1e-9
_TIES = 1e-9


@dataclass(frozen=True)
class Rest:
    """A regression but for exposure and product.

    Attributes
    ----------
    sample : Sample
    outcome : array of float, shape (n,)
        What fixed effects and other regressors leave of it, times root weights.
    basis : array of float, shape (n, q)
        Orthonormal columns that span what the fixed effects leave of the other regressors, times root weights.
    within : array of float, shape (n,)
        The treatment's deviation from its firm's mean.
    demeaner : Absorber
        Of firm and year.
    """

    sample: Sample
    outcome: Floats
    basis: Floats
    within: Floats
    demeaner: Absorber

    def left(self, exposures: Floats) -> tuple[Floats, Floats]:
        """What is left of exposures over the sample's rows, and of their products with the treatment; both (n, k)."""
        deviations = self.demeaner.residuals(exposures)
        absorber = self.sample.absorber
        same = {effect.name for effect in self.sample.effects} == {"firm", "year"}
        own = deviations if same else absorber.residuals(exposures)
        return self._without(own), self._without(absorber.residuals(self.within[:, None] * deviations))

    def _without(self, columns: Floats) -> Floats:
        root = self.sample.root_weights
        weighted = columns if root is None else columns * root[:, None]
        return weighted - self.basis @ (self.basis.T @ weighted)


@dataclass(frozen=True)
class Randomised:
    """Slopes under permuted calendars.

    Attributes
    ----------
    slopes : array of float, shape (calendars,)
        The first is that of the calendar as it was; missing where a calendar leaves nothing to estimate it from.
    complete : bool
        Whether these are all calendars that are possible.
    distinct : int
        Calendars that differ in the exposure they give.
    smallest : float
        The smallest p-value that these calendars allow.
    """

    slopes: Floats
    complete: bool
    distinct: int
    smallest: float

    @property
    def p_value(self) -> float:
        """Share of the calendars whose slope is at least as far from zero as that of the calendar as it was."""
        size = np.abs(self.slopes[~np.isnan(self.slopes)])
        return float((size >= np.abs(self.slopes[0]) * (1 - _TIES)).mean())


def randomised(
    found: Fitted, pool: Pool, strengths: Floats, expected: Floats, place: Codes, drawn: Calendars
) -> Randomised:
    """The slope under each calendar, exposure recentred under each.

    Parameters
    ----------
    found : Fitted
        The regression with the exposure of the calendar as it was, demeaned.
    pool : Pool
    strengths : array of float, shape (events,)
    expected : array of float, shape (places,)
        Mean exposure over all permutations.
    place : array of int, shape (N,)
        Place of each row of the data.
    drawn : Calendars
        The first is the calendar as it was.
    """
    parts, amounts = pool.parts(strengths, drawn)
    here, rest = place[found.fit.rows], _rest(found)
    with single_threaded():
        if len(parts) < len(amounts):
            columns = np.column_stack([*(pool.met(*part)[here] for part in parts), expected[here]])
            left = rest.left(columns)
            slopes = _slopes(*left, rest.outcome, np.column_stack([amounts, -np.ones(len(amounts))]))
        else:
            slopes = np.concatenate(list(_each(rest, pool, strengths, expected, here, drawn)))
    count, share = distinct(amounts)
    return Randomised(slopes, drawn.complete, count, share)


def _rest(found: Fitted) -> Rest:
    solution, _ = found.design.solution(found.formula)
    linear, sample = solution.linear, solution.sample
    assert linear is not None
    own = (found.products[0], found.products[0].partition(":")[2])
    others = [position for position, name in enumerate(linear.names) if name not in own]
    basis = np.linalg.qr(linear.regressors[:, others])[0]
    treatment = found.design.data[own[0].partition(":")[0]].to_numpy(dtype=float)[sample.rows]
    deviations = Deviations(sample)
    within = deviations.left(treatment[:, None], FIRM)[:, 0]
    outcome = linear.outcome - basis @ (basis.T @ linear.outcome)
    return Rest(sample, outcome, basis, within, deviations.absorbers[BOTH])


def _each(
    rest: Rest, pool: Pool, strengths: Floats, expected: Floats, here: Codes, drawn: Calendars
) -> Iterator[Floats]:
    """Slopes in batches, every calendar a part of its own."""
    size = max(1, _BATCH_NUMBERS // max(1, len(here)))
    for start in range(0, len(drawn.dates), size):
        rows = range(start, min(start + size, len(drawn.dates)))
        exposures = [pool.exposure(strengths, drawn.dates[d], drawn.places[d])[here] - expected[here] for d in rows]
        yield _slopes(*rest.left(np.column_stack(exposures)), rest.outcome, None)


def _slopes(own: Floats, products: Floats, outcome: Floats, amounts: Floats | None) -> Floats:
    """Coefficients of the products in regressions on two columns; missing where these are one, or nothing.

    Parameters
    ----------
    own, products : array of float, shape (n, k)
    outcome : array of float, shape (n,)
    amounts : array of float, shape (d, k), or None
        Each regression's combination of columns; each column its own where None.
    """
    y_own, y_products = own.T @ outcome, products.T @ outcome
    if amounts is None:
        uu, uv, vv = ((a * b).sum(axis=0) for a, b in ((own, own), (own, products), (products, products)))
        uy, vy = y_own, y_products
    else:
        uu, uv, vv = (
            np.einsum("dk,dk->d", amounts @ (a.T @ b), amounts)
            for a, b in ((own, own), (own, products), (products, products))
        )
        uy, vy = amounts @ y_own, amounts @ y_products
    left = uu * vv - uv**2
    size = float(np.median(uu) * np.median(vv))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(left > _COLLINEAR * np.maximum(uu * vv, _COLLINEAR * size), (vy * uu - uy * uv) / left, np.nan)
