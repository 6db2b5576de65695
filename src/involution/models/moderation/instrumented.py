"""The headline of a moderation with its moderator instrumented: by instruments Z and, for the product X·W, by X·Z.

A moderator that is chosen with the outcome in view makes both its own effect and its interaction endogenous (Wooldridge
2010, *Econometric Analysis of Cross Section and Panel Data*, 9.5): instrumenting one of them alone is not enough. The
products X·Z are made of the demeaned as X·W is, and the treatment has an effect in every year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from involution.errors import NotEstimable
from involution.models.linear import Linear
from involution.models.moderation.demeaning import by_year, demeaned, products
from involution.models.moderation.forms import formula_of, sample_of
from involution.models.moderation.result import Moderation
from involution.models.moderation.specification import product_term
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.threads import single_threaded
from involution.models.tidy import BlockResult, of_fit
from involution.models.weak_instruments import (
    CLUSTERS_EACH,
    ConfidenceSet,
    anderson_rubin_set,
    projected_test,
    weak_instrument_statistics,
)
from involution.study.formulas import quoted


@dataclass(frozen=True)
class Instrumented:
    """A moderation by two-stage least squares.

    Attributes
    ----------
    fit : Fit
        With the statistics of weak instruments among its details and the sets among its remarks.
    sets : dict of str to ConfidenceSet
        Of the moderator's own coefficient and of the interaction's.
    """

    fit: Fit
    sets: dict[str, ConfidenceSet]


def instrumented(moderation: Moderation, moderator: str, instruments: Sequence[str]) -> Instrumented:
    """Estimate the headline with one of its moderators and their product with the treatment instrumented.

    Parameters
    ----------
    moderation : Moderation
        By least squares, without the product of two moderators.
    moderator : str
        Column of the data.
    instruments : sequence of str
        Columns of the data, at the moderator's year.

    Raises
    ------
    NotEstimable
        When the instruments are absorbed, too few or do not identify both coefficients.
    """
    specification, design = moderation.specification, moderation.design
    if specification.estimator != "ols" or specification.product:
        raise NotEstimable("instruments are built for least squares without the product of two moderators")
    named = tuple(dict.fromkeys(instruments))
    # Products with the treatment are made of instruments as of rivals of the moderator: the same means, the same rows.
    wider = replace(specification, with_treatment=(*specification.with_treatment, *named))
    sample = sample_of(wider, design)
    made = products(demeaned(wider, design.data, sample), wider, sample, len(design.data))
    years = by_year(specification.treatment, design.data, sample, design.panel["year"])
    whole = design.on(design.data.assign(**{**years, **made}))
    product = product_term((specification.treatment, moderator))
    moved = [product_term((specification.treatment, name)) for name in named]
    own = [name for name in (*wider.main, *years, *made) if name not in (moderator, product, *named, *moved)]
    text = (
        f"{formula_of(specification.outcome, own)} | "
        f"{quoted(moderator)} + {quoted(product)} ~ {' + '.join(map(quoted, (*named, *moved)))}"
    )
    vcov = "crv3" if moderation.options.vcov == "wild" else moderation.options.vcov
    fit = whole.estimate(text, vcov=vcov)
    with single_threaded():
        linear = whole.solution(text)[0].linear
        assert linear is not None
        sets, details = _weak(linear, fit, (product, moderator))
    strength = {name: value for name, value, *_ in details if name.startswith("sanderson_windmeijer_f_robust")}
    shown = ", ".join(f"{name.partition('[')[2][:-1]} {value:.2f}" for name, value in strength.items())
    said = _remarks(moderator, named, specification.treatment, sets)
    remarks = (said[0], note("moderation_iv_strength", values=shown), *said[1:], *fit.remarks, *moderation.said)
    if specification.with_moderator:
        taken = ", ".join(specification.with_moderator)
        remarks = (*remarks, note("moderation_iv_growth", names=taken, moderator=moderator))
    clusters, count = linear.sample.clusters[:1], len(linear.excluded.names)
    if clusters and clusters[0].n_levels < CLUSTERS_EACH * count:
        few = note("anderson_rubin_few_clusters", clusters=clusters[0].n_levels, count=count)
        remarks = (*remarks, few)
    if len(design.cluster) > 1:
        remarks = (*remarks, note("anderson_rubin_one_cluster", cluster=design.cluster[0]))
    ordered = tuple(dict.fromkeys(remarks))
    return Instrumented(replace(fit, details=(*fit.details, *details), remarks=ordered), sets)


def _weak(linear: Linear, fit: Fit, names: Sequence[str]) -> tuple[dict[str, ConfidenceSet], list[Row]]:
    """The sets of both coefficients and the statistics of weak instruments."""
    estimates = dict(zip(fit.terms, zip(fit.estimate, fit.std_error, strict=True), strict=True))
    sets = {name: anderson_rubin_set(linear, name, *map(float, estimates[name])) for name in names}
    details: list[Row] = [(name, *found) for name, found in weak_instrument_statistics(linear).items()]
    for name, accepted in sets.items():
        details.append((f"anderson_rubin[{name}]", *projected_test(linear, name)))
        details += [
            (f"anderson_rubin_{side}[{name}]", end, np.nan, np.nan)
            for side, end in zip(("low", "high"), accepted.ends, strict=True)
        ]
    return sets, details


def _remarks(moderator: str, instruments: Sequence[str], treatment: str, sets: dict[str, ConfidenceSet]) -> list[Note]:
    names = ", ".join(instruments)
    said = [note("moderation_iv", moderator=moderator, treatment=treatment, instruments=names)]
    return said + [note(f"anderson_rubin_{found.kind}", term=name, set=found.text()) for name, found in sets.items()]


def instrumented_rows(name: str, moderation: Moderation, moderator: str, instruments: Sequence[str]) -> BlockResult:
    """The instrumented headline's rows."""
    return of_fit(name, instrumented(moderation, moderator, instruments).fit)
