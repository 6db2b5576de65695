"""The tidy rows of a moderation: its forms, effects over the moderator, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.distributions import critical_value
from involution.models.groupings import Floats
from involution.models.matrix import numbers
from involution.models.moderation.bands import Effects, uniform
from involution.models.moderation.conditional import linear_effects, moderator_values, over_grid
from involution.models.moderation.forms import Fitted, Options
from involution.models.moderation.kernel import Smoothed
from involution.models.moderation.regions import johnson_neyman
from involution.models.moderation.result import Moderation
from involution.models.moderation.specification import product_term
from involution.models.moderation.support import histogram, outside_common_support
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.tidy import BlockResult, estimate_rows, note_rows, of_failure, of_fit, statistic_rows
from involution.models.weighted import deviation

LITTLE_SUPPORT = 0.05
"""Share of rows outside the common support from which it is said; two halves alike leave one to two per cent."""

Made = Callable[[], BlockResult]


def part_of(name: str, moderation: Moderation, make: Made) -> BlockResult:
    """One model's rows; a row with the reason where the data do not support it."""
    try:
        return make()
    except NotEstimable as error:
        return of_failure(
            name,
            str(error),
            estimator=moderation.specification.estimator,
            outcome=moderation.specification.outcome,
            fixed_effects=["^".join(effect) for effect in moderation.design.effects],
        )


def form_rows(name: str, moderation: Moderation, form: str) -> BlockResult:
    """A form; the headline with how much of each moderator varies within firms and years."""
    found = moderation.form(form)
    fit = found.fit
    if not form:
        shares = [
            (f"within_share[{w}]", share, np.nan, np.nan) for w, share in _within_shares(moderation, found).items()
        ]
        fit = replace(fit, details=(*fit.details, *shares), remarks=(*fit.remarks, *_support(moderation, found)[1]))
    return of_fit(name, fit)


def _within_shares(moderation: Moderation, found: Fitted) -> dict[str, float]:
    """Share of each moderator's variance that is left within firms and years (within years where it is constant)."""
    out = {}
    for name in moderation.specification.moderating:
        whole = found.sample.raw(numbers(found.design.data, name))
        left, weights = found.factors.columns[name], found.sample.weights
        out[name] = (deviation(left, weights) / deviation(whole, weights)) ** 2
    return out


def _support(moderation: Moderation, found: Fitted) -> tuple[list[Row], list[Note]]:
    """Rows outside the common support of each moderator, and a warning where they are many."""
    treatment = moderation.specification.treatment
    x = found.sample.raw(numbers(found.design.data, treatment))
    rows: list[Row] = []
    said = []
    for name in moderation.specification.moderating:
        values = found.sample.raw(numbers(found.design.data, name))
        share = outside_common_support(x, values, found.sample.weights)
        rows.append((f"outside_common_support[{name}]", share, np.nan, np.nan))
        if share > LITTLE_SUPPORT:
            said.append(note("moderation_support", share=f"{100 * share:.1f}", names=name, treatment=treatment))
    return rows, said


def bins_rows(name: str, moderation: Moderation, moderator: str) -> BlockResult:
    """The binning estimator, its effects as points too."""
    found = moderation.bins(moderator)
    fit = replace(found.fit, remarks=(*found.fit.remarks, *moderation.said))
    return replace(of_fit(name, fit), curves=_named(name, f"bins[{moderator}]", found.points))


def effects_rows(name: str, moderation: Moderation) -> BlockResult:
    """Effects at percentiles, over the moderator with both bands, regions of significance, and the histogram."""
    found, effects, grids = moderation.everywhere()
    # Sums of coefficients are not bootstrapped: their errors are those beside the wild tests.
    fit = replace(found.fit, vcov_label=found.fit.vcov_label.replace("wild", "crv1"))
    options = moderation.options
    details, said = _support(moderation, found)
    treatment = moderation.specification.treatment
    spread = deviation(found.sample.raw(numbers(found.design.data, treatment)), found.sample.weights)
    details.append((f"sd_treatment[{treatment}]", spread, np.nan, np.nan))
    curves = []
    for moderator, (grid, over) in grids.items():
        critical = uniform(over, options.draws, options.seed)
        values = moderator_values(moderation.specification, found)[moderator]
        details += _regions(moderation, found, moderator)
        details.append((f"uniform_critical[{moderator}]", critical, np.nan, np.nan))
        curves += _curves(name, "effect", moderator, grid, over, critical)
        x, counts = histogram(values)
        bars = pd.DataFrame({"x": x, "estimate": counts, "ci_low": np.nan, "ci_high": np.nan})
        curves.append(_named(name, f"support[{moderator}]", bars))
        said.append(_uniform_note(moderator, critical, options))
    remarks = (*_about(moderation, found), *fit.remarks, *said)
    return BlockResult(
        estimate_rows(name, effects.tidy(), fit, remarks, estimator=fit.estimator, outcome=fit.outcome),
        statistic_rows(name, [*_counts(fit), *details]),
        note_rows(name, remarks),
        pd.concat(curves, ignore_index=True),
    )


def _about(moderation: Moderation, found: Fitted) -> list[Note]:
    about = {name: found.factors.about[name] for name in moderation.specification.moderating}
    values = ", ".join(f"{name} = {value:.4g}" for name, value in about.items())
    said = [note("moderation_effects", treatment=moderation.specification.treatment)]
    if len(about) > 1:
        said.append(note("moderation_others", values=values))
    return [*said, note("moderation_response")] if moderation.specification.estimator == "poisson" else said


def _uniform_note(moderator: str, critical: float, options: Options) -> Note:
    return note(
        "moderation_uniform", names=moderator, critical=f"{critical:.2f}", draws=options.draws, seed=str(options.seed)
    )


def _counts(fit: Fit) -> list[Row]:
    return [row for row in fit.details if not row[0].startswith(("r2", "adjusted_r2"))]


def _regions(moderation: Moderation, found: Fitted, moderator: str) -> list[Row]:
    """Johnson-Neyman bounds of the effect on the index, every moderator where it is taken about but this one."""
    fit, specification = found.fit, moderation.specification
    at = [fit.terms.index(specification.treatment), fit.terms.index(product_term((specification.treatment, moderator)))]
    away, about = found.factors.columns[moderator], found.factors.about[moderator]
    covariance, critical = fit.covariance[np.ix_(at, at)], critical_value(fit.degrees_of_freedom)
    regions = johnson_neyman(fit.estimate[at], covariance, critical, away, found.sample.weights)
    roots = [about + root for root in regions.roots]
    rows = [(f"johnson_neyman[{moderator},{k}]", root, np.nan, np.nan) for k, root in enumerate(roots, 1)]
    shares = {"negative": regions.negative, "positive": regions.positive}
    return [*rows, *((f"share_{sign}[{moderator}]", share, np.nan, np.nan) for sign, share in shares.items())]


def kernel_rows(name: str, moderation: Moderation, moderator: str) -> BlockResult:
    """The kernel estimator, with the line of the plain model beside it."""
    found, options = moderation.kernel(moderator), moderation.options
    plain = moderation.form("plain")
    terms = found.effects.tidy()
    known = terms["estimate"].notna()
    shown = terms[known & terms["term"].str.startswith("effect[")]
    if shown.empty:
        raise NotEstimable(f"no local regression over {moderator} could be estimated")
    grid, over = _estimated_grid(found)
    critical = uniform(over, options.draws, options.seed)
    line = linear_effects(
        moderation.specification, plain, over_grid(moderation.specification, plain, moderator, found.grid)
    )
    remarks = _kernel_notes(moderator, found, critical, options, moderation)
    fit = replace(plain.fit, vcov_label=found.vcov_label)
    straight = line.band(critical_value(line.degrees)).assign(x=found.grid)
    curves = [
        *_curves(name, "kernel", moderator, grid, over, critical), _named(name, f"plain[{moderator}]", straight)
    ]  # fmt: skip
    details = [
        (f"bandwidth[{moderator}]", found.bandwidth, np.nan, np.nan),
        (f"uniform_critical[{moderator}]", critical, np.nan, np.nan),
    ]
    return BlockResult(
        estimate_rows(name, shown, fit, remarks, estimator="ols", outcome=fit.outcome),
        statistic_rows(name, [*_counts(fit), *details]),
        note_rows(name, remarks),
        pd.concat(curves, ignore_index=True),
    )


def _estimated_grid(found: Smoothed) -> tuple[Floats, Effects]:
    """The grid's points at which a local regression was estimated."""
    names = [str(k) for k in range(len(found.grid))]
    known = [name for name in names if np.isfinite(found.effects.estimate[found.effects.terms.index(name)])]
    return found.grid[[int(name) for name in known]], found.effects.part(known)


def _kernel_notes(
    moderator: str, found: Smoothed, critical: float, options: Options, moderation: Moderation
) -> tuple[Note, ...]:
    said = [note("moderation_kernel", names=moderator, bandwidth=f"{found.bandwidth:.4g}")]
    if found.lost:
        said.append(note("moderation_kernel_lost", count=found.lost, total=len(found.grid)))
    return (*said, _uniform_note(moderator, critical, options), *moderation.said)


def _curves(name: str, kind: str, moderator: str, grid: Floats, over: Effects, critical: float) -> list[pd.DataFrame]:
    bands: Mapping[str, float] = {kind: critical_value(over.degrees), f"{kind}_uniform": critical}
    return [_named(name, f"{curve}[{moderator}]", over.band(width).assign(x=grid)) for curve, width in bands.items()]


def _named(model: str, curve: str, points: pd.DataFrame) -> pd.DataFrame:
    return points[["x", "estimate", "ci_low", "ci_high"]].assign(model=model, curve=curve)
