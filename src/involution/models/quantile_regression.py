r"""Quantiles of an outcome with fixed effects, by the method of moments (Machado and Santos Silva 2019).

In the model :math:`y = \alpha + x'\beta + (\delta + x'\gamma) u`, with fixed effects :math:`\alpha` in the location and
:math:`\delta` in the scale, the slope at quantile :math:`\tau` is :math:`\beta + q(\tau)\gamma`, where :math:`q` is the
quantile of :math:`u`. Least squares gives :math:`\beta`; least squares of the absolute residuals on the same columns
gives :math:`\gamma` and the fitted scale :math:`s`; :math:`q` minimises :math:`\sum \rho_\tau(r - q s)` (*Journal of
Econometrics* 213: 145-173, section 3).

Each row moves the estimates by

.. math::

    \beta: (\tilde X'\tilde X)^{-1} \tilde x r, \qquad \gamma: (\tilde X'\tilde X)^{-1} \tilde x (v - s), \qquad
    q: \frac{1}{\sum s} \left[ \frac{s (\tau - 1\{r \le q s\})}{f(q)} - r - q (v - s) \right],

with :math:`v = 2 r (1\{r \ge 0\} - P(r \ge 0))`, which holds what estimating :math:`\beta` first does to the absolute
residuals, and :math:`f` the density of :math:`u`. Sums of these over clusters give the clustered variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from involution.errors import NotEstimable
from involution.models.absorb import Absorber
from involution.models.design import Design
from involution.models.groupings import Floats, Grouping
from involution.models.linear import Linear
from involution.models.notes import Note, note
from involution.models.options import variance_choice
from involution.models.result import Fit, summarise
from involution.models.sample import Sample
from involution.models.solution import Jackknife, Solution
from involution.models.solve import inverse
from involution.models.threads import single_threaded
from involution.study.formulas import effect_label, parse_formula

ESTIMATOR = "quantile_moments"
LOCATION, SCALE = "location", "scale"
FEW_YEARS = 10
"""Rows of a firm below which the scale and the quantiles are told to be biased."""


@dataclass(frozen=True)
class Moments:
    """Location, scale and quantiles of one sample.

    Attributes
    ----------
    beta, gamma : array of float, shape (k,)
    q : array of float, shape (Q,)
    residual, scale : array of float, shape (n,)
    """

    beta: Floats
    gamma: Floats
    q: Floats
    residual: Floats
    scale: Floats

    @property
    def coefficients(self) -> Floats:
        """Location, scale, then the slopes at each quantile, end to end."""
        return np.concatenate([self.beta, self.gamma, *(self.beta + q * self.gamma for q in self.q)])


def quantile_terms(names: Sequence[str], quantiles: Sequence[float]) -> tuple[str, ...]:
    """Terms of a model: ``x[location]``, ``x[scale]``, ``x[q=0.1]``; the order of `Moments.coefficients`."""
    parts = [LOCATION, SCALE, *(f"q={quantile:g}" for quantile in quantiles)]
    return tuple(f"{name}[{part}]" for part in parts for name in names)


def estimate_quantiles(
    design: Design,
    formula: str,
    quantiles: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9),
    *,
    vcov: str | None = None,
    remarks: Sequence[Note] = (),
) -> Fit:
    """Estimate slopes at quantiles of the outcome.

    Parameters
    ----------
    design : Design
        With fixed effects of any number, or none.
    formula : str
        ``y ~ x1 + x2``.
    quantiles : sequence of float
    vcov : str, optional
        hetero, crv1 or crv3, which estimates all three steps without each cluster; crv1 with clusters unless named.
    remarks : sequence of Note
        Said beside what the model says itself.

    Returns
    -------
    Fit
        Terms of `quantile_terms`; statistics ``quantile[t]``, the quantile of the standardised error, and
        ``scale_not_positive``, the share of rows whose fitted scale is not positive.

    Raises
    ------
    InputError
        For names that do not exist.
    NotEstimable
        When the data do not support the model, or errors have no scale.
    """
    parsed = parse_formula(formula)
    plain = design.estimate(parsed, vcov="hetero")
    lost = [remark for remark in plain.remarks if remark.code in ("missing", "weights")]
    solution, _ = design.solution(formula)
    linear = solution.linear
    assert linear is not None
    with single_threaded():
        sample = linear.sample
        taus = np.asarray(quantiles, dtype=float)
        found = _moments(linear.regressors, linear.outcome, sample.absorber, sample.root_weights, taus)
        whole = _solution(linear, found, taus, solution)
        choice = variance_choice(vcov, design.cluster, None, 0, 0)
        own = _remarks(sample, found)
        return summarise(
            whole,
            choice,
            formula=parsed.text,
            estimator=ESTIMATOR,
            outcome=parsed.outcome.label,
            effects=[effect_label(effect) for effect in design.effects],
            outcome_values=linear.raw_outcome,
            remarks=(*lost, *own, *remarks),
        )


def _moments(x: Floats, y: Floats, absorber: Absorber, root: Floats | None, taus: Floats) -> Moments:
    """The three steps on absorbed columns (times root weights), whose effects `absorber` takes out."""
    bread = inverse(x.T @ x)
    beta = bread @ (x.T @ y)
    weighted = y - x @ beta
    residual = weighted if root is None else weighted / root
    left = absorber.residuals(np.abs(residual)[:, None])[:, 0]
    left = left if root is None else left * root
    gamma = bread @ (x.T @ left)
    unfitted = left - x @ gamma
    scale = np.abs(residual) - (unfitted if root is None else unfitted / root)
    weights = np.ones(len(residual)) if root is None else root**2
    return Moments(beta, gamma, check_quantiles(residual, scale, taus, weights), residual, scale)


def check_quantiles(residual: Floats, scale: Floats, taus: Floats, weights: Floats) -> Floats:
    """The q that minimise the check function of ``residual - q scale``, for each of `taus`.

    The function is convex in q, also where a fitted scale is negative: its slope rises by ``|scale|`` at each row's
    ratio of residual and scale.
    """
    known = scale != 0
    ratio = residual[known] / scale[known]
    size, rising = np.abs(scale[known]) * weights[known], scale[known] > 0
    order = np.argsort(ratio, kind="stable")
    steps = np.cumsum(size[order])
    share = np.array([(size * np.where(rising, tau, 1 - tau)).sum() for tau in taus])
    place = np.searchsorted(steps, share * (1 - 1e-12), side="left")
    return np.asarray(ratio[order][np.minimum(place, len(ratio) - 1)])


def _solution(linear: Linear, found: Moments, taus: Floats, of: Solution) -> Solution:
    """Coefficients and the influence of each row on them, as every variance estimator takes them."""
    names = quantile_terms(linear.names, taus.tolist())
    beta = found.coefficients
    return Solution(
        names=names,
        beta=beta,
        bread=np.zeros((len(beta), len(beta))),
        influence=_influence(linear, found, taus),
        sample=of.sample,
        sum_of_squares=of.sum_of_squares,
        likelihood=False,
        jackknife=partial(_leave_one_cluster_out, linear, taus),
        statistics={
            **{f"quantile[{tau:g}]": (float(q), np.nan, np.nan) for tau, q in zip(taus, found.q, strict=True)},
            "scale_not_positive": (float((found.scale <= 0).mean()), np.nan, np.nan),
        },
        notes=of.notes,
        fitted=of.fitted,
        residuals=found.residual,
        # Location, scale and quantiles have the same columns: each is a regression of as many parameters as one.
        repeated=len(names) - len(linear.names),
    )


def _influence(linear: Linear, found: Moments, taus: Floats) -> Floats:
    """How each row moves location, scale and the slopes at quantiles, (n, (2 + Q) k)."""
    root = np.ones(linear.sample.n) if linear.sample.root_weights is None else linear.sample.root_weights
    weights, r, s = root**2, found.residual, found.scale
    positive = float(weights @ (r >= 0) / weights.sum())
    moved = 2 * r * ((r >= 0) - positive) - s
    projected = linear.regressors @ inverse(linear.regressors.T @ linear.regressors) * root[:, None]
    location, scale = projected * r[:, None], projected * moved[:, None]
    total = float(weights @ s)
    parts = [location, scale]
    for tau, q in zip(taus, found.q, strict=True):
        below = np.where(s > 0, r <= q * s, r > q * s)
        step = np.abs(s) * (np.where(s > 0, tau, 1 - tau) - below) / _density(r, s, weights, q)
        of_q = weights * (step - r - q * moved) / total
        parts.append(location + q * scale + found.gamma * of_q[:, None])
    return np.hstack(parts)


def _density(residual: Floats, scale: Floats, weights: Floats, q: float) -> float:
    """The density of the standardised error at q: Gaussian kernel, Silverman's bandwidth, rows by their scale."""
    used = scale > 0
    u, size = residual[used] / scale[used], scale[used] * weights[used]
    spread = np.subtract(*np.quantile(u, [0.75, 0.25])) / 1.349
    deviation = float(np.std(u))
    bandwidth = 0.9 * min(deviation, spread or deviation) * len(u) ** -0.2
    if not bandwidth > 0:
        raise NotEstimable("the standardised errors do not vary: their density is not known")
    kernel = np.exp(-0.5 * ((u - q) / bandwidth) ** 2) / (bandwidth * np.sqrt(2 * np.pi))
    density = float(size @ kernel / size.sum())
    if not density > 0:
        raise NotEstimable(f"the density of the standardised errors at their quantile {q:.3g} is zero")
    return density


def _leave_one_cluster_out(linear: Linear, taus: Floats, cluster: Grouping) -> Jackknife:
    """All three steps without each cluster, effects absorbed anew."""
    width = len(linear.names) * (2 + len(taus))
    out = np.full((cluster.n_levels, width), np.nan)
    sample, columns = linear.sample, np.column_stack([linear.regressors, linear.outcome])
    for g in range(cluster.n_levels):
        rows = np.flatnonzero(cluster.codes != g)
        root = None if sample.root_weights is None else sample.root_weights[rows]
        absorber = Absorber([effect.take(rows) for effect in sample.effects], None if root is None else root**2)
        part = columns[rows] if root is None else columns[rows] / root[:, None]
        before = np.linalg.norm(part, axis=0)
        part = absorber.residuals(part)
        if (np.linalg.norm(part, axis=0) <= 1e-9 * before).any():
            continue
        part = part if root is None else part * root[:, None]
        out[g] = _moments(part[:, :-1], part[:, -1], absorber, root, taus).coefficients
    lost = bool(np.isnan(out).any())
    said = (note("jackknife_unidentified", names=", ".join(linear.names)),) if lost else ()
    return Jackknife(out, said)


def _remarks(sample: Sample, found: Moments) -> list[Note]:
    said = [note("quantile_moments")]
    share = float((found.scale <= 0).mean())
    if share:
        said.append(note("quantile_scale", share=f"{share:.2%}"))
    if sample.firm is not None and any(effect.nested_in(sample.firm) for effect in sample.effects):
        years = sample.n / sample.firm.n_levels
        if years < FEW_YEARS:
            said.append(note("quantile_short", years=f"{years:.1f}"))
    return said
