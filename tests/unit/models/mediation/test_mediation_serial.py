"""Serial mediation: against explicit regressions, its identity, planted truth, and exact leave-outs and draws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.models.mediation.redrawn import assert_draws_are_estimates

from involution.errors import InputError
from involution.models.mediation.effects import Layout, coefficients
from involution.models.mediation.mediate import mediate

A, D21, D31, D32, B, C = (0.5, 0.3, 0.2), 0.4, -0.3, 0.6, (0.3, -0.4, 0.25), 0.2


def chained(seed=1, firms=60, years=5, clusters=12, scale=1.0):
    """Three mediators in a chain, one beside it, unbalanced; firm effects move the treatment too."""
    draws = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    n = firms * years
    industry, lasting = firm % clusters, draws.normal(size=firms)[firm]
    x = draws.normal(size=n) + lasting + draws.normal(size=(clusters, years))[industry, year]
    m1 = A[0] * x + lasting + draws.normal(size=n)
    m2 = A[1] * x + D21 * m1 + draws.normal(size=n)
    m3 = A[2] * x + D31 * m1 + D32 * m2 + draws.normal(size=n)
    other = 0.5 * x + draws.normal(size=n)
    y = C * x + B[0] * m1 + B[1] * m2 + B[2] * m3 + 0.5 * other + lasting + scale * draws.normal(size=n)
    columns = {"firm": firm, "year": year, "industry": industry, "x": x, "m1": m1, "m2": m2, "m3": m3, "other": other}
    data = pd.DataFrame({**columns, "y": y, "c": draws.normal(size=n)})
    return data[draws.uniform(size=n) > 0.1].reset_index(drop=True)


def slopes(data, outcome, regressors):
    """Least squares with a dummy for every firm and year."""
    dummies = pd.get_dummies(data[["firm", "year"]].astype(str), dtype=float).to_numpy()
    columns = np.column_stack([data[regressors].to_numpy(), dummies])
    return dict(zip(regressors, np.linalg.lstsq(columns, data[outcome].to_numpy(), rcond=None)[0], strict=False))


def by_hand(data):
    """Every path of the chain m1, m2, m3 with `other` beside it, from five regressions."""
    first = slopes(data, "m1", ["x", "c"])
    second = slopes(data, "m2", ["x", "c", "m1"])
    third = slopes(data, "m3", ["x", "c", "m1", "m2"])
    beside = slopes(data, "other", ["x", "c"])
    outcome = slopes(data, "y", ["x", "c", "m1", "m2", "m3", "other"])
    a, b = {"m1": first["x"], "m2": second["x"], "m3": third["x"], "other": beside["x"]}, outcome
    d21, d31, d32 = second["m1"], third["m1"], third["m2"]
    return {
        "total": slopes(data, "y", ["x", "c"])["x"],
        "direct": outcome["x"],
        **{f"a[{name}]": value for name, value in a.items()},
        **{f"b[{name}]": outcome[name] for name in a},
        "d[m2,m1]": d21,
        "d[m3,m1]": d31,
        "d[m3,m2]": d32,
        **{f"indirect[{name}]": a[name] * b[name] for name in a},
        "indirect[m1>m2]": a["m1"] * d21 * b["m2"],
        "indirect[m1>m3]": a["m1"] * d31 * b["m3"],
        "indirect[m2>m3]": a["m2"] * d32 * b["m3"],
        "indirect[m1>m2>m3]": a["m1"] * d21 * d32 * b["m3"],
    }


def decompose(data, **options):
    options = {"inference": "delta", "serial": ["m1", "m2", "m3"], **options}
    return mediate(data, "y", "x", ["m1", "m2", "m3", "other"], "c", ["firm", "year"], "industry", **options)


def estimates(found):
    return found.tidy().set_index("term")["estimate"]


def test_every_path_is_that_of_explicit_regressions():
    data = chained()
    found, expected = estimates(decompose(data)), by_hand(data)
    np.testing.assert_allclose(found[list(expected)], list(expected.values()), rtol=1e-9)
    paths = [term for term in expected if term.startswith("indirect[")]
    assert found["indirect[total]"] == pytest.approx(sum(expected[term] for term in paths), rel=1e-10)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.permutations(["m1", "m2", "m3"]), st.integers(2, 3))
def test_direct_and_indirect_effects_add_up_whatever_the_order_of_the_chain(seed, order, length):
    found = estimates(decompose(chained(seed, firms=30), serial=order[:length]))
    assert found["total"] == pytest.approx(found["direct"] + found["indirect[total]"], abs=1e-12)


def test_the_order_of_the_chain_changes_the_paths_and_not_the_decomposition():
    data = chained()
    serial, parallel = estimates(decompose(data)), estimates(decompose(data, serial=()))
    for term in ("total", "direct", "indirect[total]", "b[m1]", "b[m2]", "b[m3]"):
        assert serial[term] == pytest.approx(parallel[term], rel=1e-10)
    assert serial["a[m2]"] != pytest.approx(parallel["a[m2]"], rel=0.1)


def test_parallel_mediators_share_one_solve():
    layout = Layout(decompose(chained(), serial=()).system)
    assert len({equation.regressors for equation in layout.equations}) == 2


def test_a_block_holds_the_paths_through_its_mediators_alone():
    found = estimates(decompose(chained(), blocks=[["m1", "m2"]]))
    parts = found[["indirect[m1]", "indirect[m2]", "indirect[m1>m2]"]].sum()
    assert found["indirect[m1+m2]"] == pytest.approx(parts, rel=1e-12)


def test_leaving_a_cluster_out_is_estimating_without_it():
    data = chained()
    found = decompose(data, inference="jackknife")
    left = [by_hand(data[data["industry"] != g]) for g in sorted(data["industry"].unique())]
    terms = found.tidy().set_index("term")
    g = len(left)
    for term in ("indirect[m1>m2]", "indirect[m1>m2>m3]", "d[m3,m2]", "direct"):
        deviations = np.array([part[term] for part in left]) - terms.loc[term, "estimate"]
        assert terms.loc[term, "std_error"] == pytest.approx(np.sqrt((g - 1) / g * np.sum(deviations**2)), rel=1e-8)


def test_bootstrap_draws_are_the_estimates_of_their_data():
    data = chained(firms=36, clusters=6)
    found = decompose(data)
    assert_draws_are_estimates(found, data, by_hand)


def test_without_clusters_the_errors_are_those_of_the_rows_influence():
    data = chained()
    found = mediate(data, "y", "x", ["m1", "m2"], "c", ["firm", "year"], serial=["m1", "m2"], inference="delta")
    rows = found.tidy().set_index("term")
    columns = ["x", "c", "m1"]
    dummies = pd.get_dummies(data[["firm", "year"]].astype(str), dtype=float).to_numpy()
    absorbed = data[[*columns, "m2"]].to_numpy()
    absorbed = absorbed - dummies @ np.linalg.lstsq(dummies, absorbed, rcond=None)[0]
    regressors, outcome = absorbed[:, :3], absorbed[:, 3]
    bread = np.linalg.inv(regressors.T @ regressors)
    residual = outcome - regressors @ bread @ regressors.T @ outcome
    n = found.n_obs
    widest = 4 + np.linalg.matrix_rank(dummies)
    covariance = bread @ (regressors.T * residual**2 @ regressors) @ bread * n / (n - widest)
    assert rows.loc["d[m2,m1]", "std_error"] == pytest.approx(np.sqrt(covariance[2, 2]), rel=1e-8)


def test_the_planted_paths_are_found():
    found = decompose(chained(seed=5, firms=2_000, clusters=100)).tidy().set_index("term")
    truth = {
        "a[m2]": A[1],
        "d[m2,m1]": D21,
        "d[m3,m2]": D32,
        "indirect[m1]": A[0] * B[0],
        "indirect[m1>m2]": A[0] * D21 * B[1],
        "indirect[m1>m2>m3]": A[0] * D21 * D32 * B[2],
        "direct": C,
    }
    errors = (found.loc[list(truth), "estimate"] - list(truth.values())) / found.loc[list(truth), "std_error"]
    assert errors.abs().max() < 3
    assert found.loc[list(truth), "std_error"].max() < 0.02


def test_a_chain_is_jointly_significant_at_its_weakest_link():
    found = decompose(chained())
    statistics = found.statistics.set_index("statistic")["p_value"]
    p_values = found.tidy().set_index("term")["p_value"]
    links = ["a[m1]", "d[m2,m1]", "b[m2]"]
    assert statistics["joint_significance[m1>m2]"] == pytest.approx(p_values[links].max(), rel=1e-10)


def test_the_sample_is_what_its_products_say():
    found = decompose(chained())
    layout = Layout(found.system)
    whole = coefficients(found.sampled.products.whole[None], layout)[0]
    np.testing.assert_allclose(whole, found.sampled.theta, atol=1e-11)


def test_the_note_names_the_chain_in_both_languages():
    note = next(remark for remark in decompose(chained()).remarks if remark.code == "mediation_serial")
    assert "m1 > m2 > m3" in note.text()
    assert "m1 > m2 > m3" in note.text("zh")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"serial": ["m1", "m9"]}, "'m9' is no mediator"),
        ({"serial": ["m1"]}, "a chain has two to 3 mediators"),
        ({"serial": ["m1", "m1"]}, "each once"),
        ({"serial": ["m1", "m2"], "moderators": {"m1": "c"}}, "moderated chains are not built"),
        ({"serial": ["m1", "m2"], "instruments": {"x": "c"}}, "instrumented chains are not built"),
    ],
)
def test_chains_that_are_not_built_are_refused_by_name(options, message):
    with pytest.raises(InputError, match=message):
        mediate(chained(), "y", "x", ["m1", "m2"], fixed_effects="firm", cluster="industry", **options)
