"""What must not change a mediation, and how units change it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.models.mediation.mediate import mediate

PROPERTY = settings(max_examples=4, deadline=None, derandomize=True)
SEEDS = st.integers(0, 10_000)
UNITS = st.sampled_from([1e-4, 0.5, 7.0, 1e5])
LINEAR = {"moderators": {"m1": {"by": "w", "stage": "first"}, "m2": {"by": "w", "stage": "second"}}}
KINDS = {
    "linear": {"outcome": "y", "treatment": "x", "mediators": ["m1", "m2"], **LINEAR},
    "probit": {
        "outcome": "event", "treatment": "d", "mediators": ["m1", "binary"],
        "family": {"outcome": "probit", "binary": "logit"}, "interaction": True, "fixed_effects": (),
    },
    "poisson": {
        "outcome": "patents", "treatment": "x", "mediators": ["m1", "count"],
        "family": {"outcome": "poisson", "count": "poisson"}, "levels": (-0.5, 0.5),
    },
}  # fmt: skip
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def mediated(data: pd.DataFrame, kind: str, **options) -> pd.DataFrame:
    """Effects by term."""
    chosen = {"controls": ["c"], "fixed_effects": ["firm", "year"], "cluster": "industry", "inference": "delta"}
    return mediate(data, **{**chosen, **KINDS[kind], **options}).tidy().set_index("term")


def same(first: pd.DataFrame, second: pd.DataFrame, tolerance: float = 1e-7) -> None:
    """The same terms, estimates, errors and intervals."""
    assert list(first.index) == list(second.index)
    for column in ("estimate", "std_error", "ci_low", "ci_high"):
        np.testing.assert_allclose(first[column], second[column], rtol=tolerance, atol=1e-10, err_msg=column)


@EVERY_KIND
@given(seed=SEEDS)
@PROPERTY
def test_order_of_rows_does_not_matter(mediated_panel, kind, seed):
    """Shuffled rows under another index."""
    data = mediated_panel(seed)
    same(mediated(data, kind), mediated(data.sample(frac=1, random_state=seed), kind))


@EVERY_KIND
@given(seed=SEEDS)
@PROPERTY
def test_names_of_firms_and_clusters_do_not_matter(mediated_panel, kind, seed):
    """Other names in another order."""
    data = mediated_panel(seed)
    rng = np.random.default_rng(seed)
    renamed = data.copy()
    for column in ("firm", "industry"):
        names = data[column].unique()
        renamed[column] = data[column].map(dict(zip(names, rng.permutation(len(names)).tolist(), strict=True)))
    same(mediated(data, kind), mediated(renamed, kind))


@EVERY_KIND
@given(seed=SEEDS)
@PROPERTY
def test_a_second_copy_of_every_firm_in_its_cluster_moves_nothing(mediated_panel, kind, seed):
    """Leaving out a cluster leaves out both copies: estimates and their CRV3 errors stay."""
    data = mediated_panel(seed)
    twice = pd.concat([data, data.assign(firm=data["firm"] + "/2")], ignore_index=True)
    first, second = mediated(data, kind), mediated(twice, kind)
    if kind == "linear":
        # Percentiles interpolate between other values; means stay.
        terms = [term for term in first.index if "w=" not in term]
        same(first.loc[terms], second.loc[terms])
    else:
        # Residuals are scaled for the parameters they spent, of which a copy has fewer for each row.
        terms = ["a[m1]", "a[binary]"] if kind == "probit" else ["a[m1]", "a[count]"]
        same(first.loc[terms], second.loc[terms], 1e-6)


@given(seed=SEEDS, unit_x=UNITS, unit_m=UNITS, unit_y=UNITS, unit_w=UNITS)
@PROPERTY
def test_units_scale_effects(mediated_panel, seed, unit_x, unit_m, unit_y, unit_w):
    """Treatment, one mediator, outcome and moderator in other units; shares and t statistics stay."""
    data = mediated_panel(seed)
    changed = data.assign(
        x=data["x"] * unit_x, m1=data["m1"] * unit_m, y=data["y"] * unit_y, w=data["w"] * unit_w + 3 * unit_w
    )
    before, after = mediated(data, "linear"), mediated(changed, "linear")
    whole = unit_y / unit_x
    factors = {
        "total": whole, "direct": whole, "indirect[m1]": whole, "indirect[m2]": whole, "indirect[total]": whole,
        "a[m1]": unit_m / unit_x, "b[m1]": unit_y / unit_m, "a[m2]": 1 / unit_x, "b[m2]": unit_y, "share[m1]": 1.0,
        "indirect[m1,w=p10]": whole, "indirect[m2,w=p90]": whole, "indirect[m1,w=p90-p10]": whole,
        "index_moderated_mediation[m1]": whole / unit_w,
    }  # fmt: skip
    for term, factor in factors.items():
        for column in ("estimate", "std_error"):
            expected = before.loc[term, column] * factor
            assert after.loc[term, column] == pytest.approx(expected, rel=1e-6, abs=1e-9 * abs(factor)), (term, column)


@given(seed=SEEDS, shift=st.sampled_from([-100.0, -1.0, 5.0, 1e4]))
@PROPERTY
def test_a_moderator_centred_or_not_has_the_same_conditional_effects(mediated_panel, seed, shift):
    """Percentiles move with it, effects there do not; nor do those at its mean."""
    data = mediated_panel(seed)
    same(mediated(data, "linear"), mediated(data.assign(w=data["w"] + shift), "linear"), 1e-6)


@given(seed=SEEDS, unit=st.sampled_from([0.1, 7.0, 1e3]))
@PROPERTY
def test_units_of_treatment_and_mediator_do_not_matter_between_the_same_levels(mediated_panel, seed, unit):
    """A probit outcome: levels in the treatment's new units, a linear mediator in its own."""
    data = mediated_panel(seed)
    before = mediated(data, "probit", treatment="x", levels=(-1, 1))
    changed = data.assign(x=data["x"] * unit, m1=data["m1"] * unit)
    after = mediated(changed, "probit", treatment="x", levels=(-unit, unit))
    for term in before.index.drop("a[m1]"):
        for column in ("estimate", "std_error"):
            assert after.loc[term, column] == pytest.approx(before.loc[term, column], rel=1e-5, abs=1e-8), term
