"""The linear mediation against explicit least squares with dummy columns, and against re-estimation.

`explicit.py` holds the other side: numpy's lstsq on every column and dummy, none of the code under test.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.models.mediation.explicit import Model, centred, effects, resampled

from involution.models.mediation.effects import Effects
from involution.models.mediation.inference import bootstrap_coefficients
from involution.models.mediation.mediate import mediate

MODERATORS = {
    "parallel": {},
    "first_stage": {"m1": {"by": "w", "stage": "first"}},
    "second_stage": {"m1": {"by": "w", "stage": "second"}},
    "both_stages": {"m1": {"by": "w", "stage": "both"}},
    "two_moderated": {"m1": {"by": "w", "stage": "first"}, "m2": {"by": "w", "stage": "second"}},
    "direct": {"direct": {"by": "w"}},
}
DESIGNS = {
    "plain": {"effects": ()},
    "firm": {"effects": ("firm",)},
    "firm_and_year": {"effects": ("firm", "year")},
    "weighted": {"effects": ("firm", "year"), "weights": "weight"},
    "weighted_plain": {"effects": (), "weights": "weight"},
}
EVERY = [(kind, design) for kind in MODERATORS for design in DESIGNS]


def by_hand(kind: str, design: str) -> Model:
    """The same mediation for `explicit.effects`."""
    stages = {path: moderator.get("stage") for path, moderator in MODERATORS[kind].items()}
    return Model(
        first={path: "w" for path, stage in stages.items() if stage in ("first", "both")},
        second={path: "w" for path, stage in stages.items() if stage in ("second", "both")},
        direct="w" if "direct" in stages else None,
        **DESIGNS[design],
    )


def by_library(data, kind: str, design: str, **options):
    """The mediation under test."""
    chosen = DESIGNS[design]
    options = {"cluster": "industry", "inference": "delta", **options}
    return mediate(
        data, "y", "x", ["m1", "m2"], "c", chosen["effects"], moderators=MODERATORS[kind],
        weights=chosen.get("weights"), **options,
    )  # fmt: skip


def percentiles(data, model: Model) -> list[float]:
    """Values of the centred moderator at which conditional effects are given; weighted between middles of steps."""
    shares = [0.1, 0.5, 0.9]
    if model.weights is None:
        return np.quantile(data["w"], shares).tolist()
    rows = data.sort_values("w", kind="stable")
    weight = rows[model.weights]
    return np.interp(shares, (weight.cumsum() - weight / 2) / weight.sum(), rows["w"]).tolist()


@pytest.mark.parametrize(("kind", "design"), EVERY)
def test_every_effect_equals_that_of_explicit_regressions(mediated_panel, kind, design):
    """Dummy columns in numpy's least squares."""
    data = mediated_panel(1)
    model = by_hand(kind, design)
    frame = centred(data, model)
    expected = effects(frame, model, percentiles(frame, model))
    found = by_library(data, kind, design).tidy().set_index("term")["estimate"]
    named = {term: term for term in expected} | {"direct:w": "direct:w"}
    for term, value in expected.items():
        assert found[named[term]] == pytest.approx(value, rel=1e-9, abs=1e-12), term


@pytest.mark.parametrize(("kind", "design"), EVERY)
def test_total_is_direct_plus_indirect(mediated_panel, kind, design):
    """To 1e-12, in every design."""
    found = by_library(mediated_panel(2), kind, design).tidy().set_index("term")["estimate"]
    assert found["total"] == pytest.approx(found["direct"] + found["indirect[total]"], abs=1e-12)
    assert found["indirect[total]"] == pytest.approx(found["indirect[m1]"] + found["indirect[m2]"], abs=1e-14)


@pytest.mark.parametrize(("kind", "design"), EVERY)
def test_jackknife_equals_re_estimation_without_each_cluster(mediated_panel, kind, design):
    """Every effect estimated anew without each industry; years re-absorbed, the moderator's mean kept."""
    data = mediated_panel(3)
    model = by_hand(kind, design)
    frame = centred(data, model)
    at = percentiles(frame, model)
    whole = effects(frame, model, at)
    industries = frame["industry"].unique()
    without = [effects(frame[frame["industry"] != industry], model, at) for industry in industries]
    g = len(industries)
    found = by_library(data, kind, design, inference="jackknife").tidy().set_index("term")["std_error"]
    for term, value in whole.items():
        error = np.sqrt((g - 1) / g * sum((part[term] - value) ** 2 for part in without))
        assert found[term] == pytest.approx(error, rel=1e-8), term


def replicates(frame, model: Model, cluster) -> np.ndarray:
    """a and b of the first mediator without each level of a clustering."""
    parts = [effects(frame[cluster != level], model) for level in cluster.unique()]
    return np.array([[part["a[m1]"], part["b[m1]"]] for part in parts])


def jackknife_covariance(frame, model: Model, cluster) -> np.ndarray:
    """CRV3 of a and b."""
    whole = effects(frame, model)
    deviations = replicates(frame, model, cluster) - [whole["a[m1]"], whole["b[m1]"]]
    return (len(deviations) - 1) / len(deviations) * deviations.T @ deviations


@pytest.mark.parametrize("cluster", ["one_way", "two_way"])
def test_delta_errors_are_of_the_joint_covariance_by_re_estimation(mediated_panel, cluster):
    """CRV3 of a and b jointly; two-way by inclusion and exclusion over industries, regions and their cells."""
    data = mediated_panel(10, n_firms=60, n_industries=15)
    model = Model()
    frame = centred(data, model)
    covariance = jackknife_covariance(frame, model, frame["industry"])
    if cluster == "two_way":
        covariance = covariance + jackknife_covariance(frame, model, frame["region"])
        covariance = covariance - jackknife_covariance(frame, model, frame["industry"] + frame["region"])
    whole = effects(frame, model)
    gradient = np.array([whole["b[m1]"], whole["a[m1]"]])
    clusters = ["industry"] if cluster == "one_way" else ["industry", "region"]
    mediation = by_library(data, "parallel", "firm_and_year", cluster=clusters)
    assert not any("not positive definite" in text for text in mediation.notes)
    found = mediation.tidy().set_index("term")["std_error"]
    assert found["a[m1]"] == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-8)
    assert found["b[m1]"] == pytest.approx(np.sqrt(covariance[1, 1]), rel=1e-8)
    assert found["indirect[m1]"] == pytest.approx(np.sqrt(gradient @ covariance @ gradient), rel=1e-8)


@pytest.mark.parametrize("again", [False, True], ids=["year_columns", "years_absorbed_anew"])
@pytest.mark.parametrize(
    ("kind", "design"),
    [("parallel", "firm_and_year"), ("both_stages", "weighted"), ("first_stage", "firm"), ("direct", "plain")],
)
def test_bootstrap_draws_equal_the_estimation_of_the_resampled_data(mediated_panel, monkeypatch, kind, design, again):
    """Industries drawn with replacement, firms renamed in every copy, years across the copies; to 1e-10."""
    if again:
        monkeypatch.setattr("involution.models.mediation.products.explicit_is_possible", lambda *_: False)
    data = mediated_panel(5)
    model = by_hand(kind, design)
    frame = centred(data, model)
    at = percentiles(frame, model)
    mediation = by_library(data, kind, design)
    industries = mediation.system.sample.clusters[0]
    names = [data["industry"].iloc[np.flatnonzero(industries.codes == code)[0]] for code in range(industries.n_levels)]
    weights = np.random.default_rng(6).multinomial(len(names), np.full(len(names), 1 / len(names)), size=12)
    layout_effects = effects_of(mediation)
    drawn = layout_effects(bootstrap_coefficients(layout_effects, mediation.sampled.products, weights))
    for place, row in enumerate(weights):
        expected = effects(resampled(frame, dict(zip(names, row.tolist(), strict=True))), model, at)
        for term, value in expected.items():
            assert drawn[term][place] == pytest.approx(value, rel=1e-10, abs=1e-10), (place, term)


def effects_of(mediation) -> Effects:
    """The effects of a mediation as a function of its coefficients."""
    from involution.models.mediation.effects import Layout
    from involution.models.mediation.mediate import percentiles as values

    return Effects(Layout(mediation.system), values(mediation.system))
