"""Instrumented mediation: against explicit two-stage regressions, when it adds up, planted truth, exact draws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.models.mediation.redrawn import assert_draws_are_estimates

from involution.errors import InputError, NotEstimable
from involution.models.design import Design
from involution.models.mediation.mediate import mediate

A, B, C = 0.5, 0.3, 0.2


def confounded(seed=1, firms=60, years=5, clusters=12, strength=1.0, confounding=1.0):
    """u moves treatment and outcome, v mediator and outcome; z1 moves the treatment, z2 and z3 the mediator."""
    draws = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    n = firms * years
    u, v, z1, z3, z4, e, c = draws.normal(size=(7, n))
    z2 = 0.5 * z1 + draws.normal(size=n)
    lasting = draws.normal(size=firms)[firm]
    x = strength * z1 + 0.5 * z4 + u + lasting + 0.3 * c
    m = A * x + strength * z2 + 0.5 * z3 + v + lasting
    y = C * x + B * m + confounding * (u + v) + e + lasting + 0.2 * c
    columns = {"firm": firm, "year": year, "industry": firm % clusters, "x": x, "m": m, "y": y, "c": c}
    return pd.DataFrame({**columns, "z1": z1, "z2": z2, "z3": z3, "z4": z4})


def two_stage(data, outcome, regressors, instruments):
    """Two explicit stages, each with a dummy for every firm and year."""
    dummies = pd.get_dummies(data[["firm", "year"]].astype(str), dtype=float).to_numpy()
    first = np.column_stack([data[instruments].to_numpy(), dummies])
    columns = np.column_stack([data[regressors].to_numpy(), dummies])
    projected = first @ np.linalg.lstsq(first, columns, rcond=None)[0]
    return dict(zip(regressors, np.linalg.lstsq(projected, data[outcome].to_numpy(), rcond=None)[0], strict=False))


def by_hand(data, of_treatment, of_mediator):
    treatment = of_treatment or ["x"]
    given_columns = ["c", *of_mediator]
    a = two_stage(data, "m", ["x", *given_columns], [*treatment, *given_columns])["x"]
    total = two_stage(data, "y", ["x", *given_columns], [*treatment, *given_columns])["x"]
    outcome = two_stage(data, "y", ["x", "m", "c"], [*treatment, "c", *(of_mediator or ["m"])])
    return {
        "total": total,
        "direct": outcome["x"],
        "a[m]": a,
        "b[m]": outcome["m"],
        "indirect[m]": a * outcome["m"],
    }


def decompose(data, of_treatment=("z1",), of_mediator=("z2",), **options):
    named = {"x": list(of_treatment), "m": list(of_mediator)}
    instruments = {name: columns for name, columns in named.items() if columns}
    options = {"inference": "delta", "instruments": instruments, **options}
    return mediate(data, "y", "x", "m", "c", ["firm", "year"], "industry", **options)


def estimates(found):
    return found.tidy().set_index("term")["estimate"]


DESIGNS = [
    (["z1"], []),
    (["z1", "z4"], []),
    ([], ["z2"]),
    ([], ["z2", "z3"]),
    (["z1"], ["z2"]),
    (["z1", "z4"], ["z2", "z3"]),
]


@pytest.mark.parametrize(("of_treatment", "of_mediator"), DESIGNS)
def test_every_equation_is_that_of_two_explicit_stages(of_treatment, of_mediator):
    data = confounded()
    found, expected = estimates(decompose(data, of_treatment, of_mediator)), by_hand(data, of_treatment, of_mediator)
    np.testing.assert_allclose(found[list(expected)], list(expected.values()), rtol=1e-8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(["z1"], []), ([], ["z2"]), (["z1"], ["z2"])]))
def test_exactly_identified_effects_add_up(seed, design):
    found = estimates(decompose(confounded(seed, firms=40), *design))
    size = max(1.0, found.abs().max())
    assert abs(found["total"] - found["direct"] - found["indirect[total]"]) < 1e-12 * size
    assert "remainder" not in found.index


@pytest.mark.parametrize(("of_treatment", "of_mediator"), [(["z1", "z4"], []), (["z1", "z4"], ["z2", "z3"])])
def test_surplus_instruments_leave_the_remainder_that_the_algebra_says(of_treatment, of_mediator):
    data = confounded()
    found = decompose(data, of_treatment, of_mediator)
    terms = found.tidy().set_index("term")
    left = terms.loc["total", "estimate"] - terms.loc["direct", "estimate"] - terms.loc["indirect[m]", "estimate"]
    assert terms.loc["remainder", "estimate"] == pytest.approx(left, abs=1e-12)
    assert terms.loc["remainder", "std_error"] > 0
    place = found.system.position
    columns = found.system.absorbed
    given_columns = columns[:, [place[name] for name in ("c", *of_mediator)]]
    first = np.column_stack([columns[:, [place[name] for name in of_treatment]], given_columns])
    q = first @ np.linalg.lstsq(first, columns[:, place["x"]], rcond=None)[0]
    q = q - given_columns @ np.linalg.lstsq(given_columns, q, rcond=None)[0]
    outcome = by_hand(data, of_treatment, of_mediator)
    e = columns[:, place["y"]] - outcome["direct"] * columns[:, place["x"]] - outcome["b[m]"] * columns[:, place["m"]]
    control = two_stage(data, "y", ["x", "m", "c"], [*of_treatment, "c", *(of_mediator or ["m"])])["c"]
    e = e - control * columns[:, place["c"]]
    assert terms.loc["remainder", "estimate"] == pytest.approx(q @ e / (q @ columns[:, place["x"]]), rel=1e-8)


def test_the_planted_effects_are_found_where_least_squares_are_far_off():
    data = confounded(seed=3, firms=2_000, clusters=100)
    found = decompose(data).tidy().set_index("term")
    truth = {"a[m]": A, "b[m]": B, "direct": C, "indirect[m]": A * B, "total": C + A * B}
    errors = (found.loc[list(truth), "estimate"] - list(truth.values())) / found.loc[list(truth), "std_error"]
    assert errors.abs().max() < 3
    plain = estimates(decompose(data, (), (), instruments=None))
    assert abs(plain["b[m]"] - B) > 0.2


def test_an_instrument_of_the_treatment_alone_identifies_total_and_a():
    # z4 is unrelated to the mediator's instruments, which are not in the model.
    found = decompose(confounded(seed=4, firms=2_000, clusters=100), ["z4"], []).tidy().set_index("term")
    for term, truth in (("a[m]", A), ("total", C + A * B)):
        assert abs(found.loc[term, "estimate"] - truth) < 3 * found.loc[term, "std_error"]
    assert abs(found.loc["b[m]", "estimate"] - B) > 10 * found.loc["b[m]", "std_error"]


def test_leaving_a_cluster_out_is_estimating_without_it():
    data = confounded()
    found = decompose(data, inference="jackknife").tidy().set_index("term")
    left = [by_hand(data[data["industry"] != g], ["z1"], ["z2"]) for g in range(12)]
    for term in left[0]:
        deviations = np.array([part[term] for part in left]) - found.loc[term, "estimate"]
        assert found.loc[term, "std_error"] == pytest.approx(np.sqrt(11 / 12 * np.sum(deviations**2)), rel=1e-8)


@pytest.mark.parametrize(("of_treatment", "of_mediator"), [(["z1"], ["z2"]), (["z1", "z4"], ["z2", "z3"])])
def test_bootstrap_draws_are_the_estimates_of_their_data(of_treatment, of_mediator):
    data = confounded(firms=60, clusters=10)
    found = decompose(data, of_treatment, of_mediator)
    assert_draws_are_estimates(found, data, lambda copies: by_hand(copies, of_treatment, of_mediator))


def test_without_clusters_errors_are_those_of_two_stage_least_squares():
    data = confounded()
    instruments = {"x": "z1", "m": "z2"}
    found = mediate(data, "y", "x", "m", "c", ["firm", "year"], instruments=instruments, inference="delta")
    fit = Design(data, ["firm", "year"]).estimate("y ~ c | x + m ~ z1 + z2")
    rows = found.tidy().set_index("term")
    # HC1 counts the parameters of the equation, the mediation those of its largest: here the same number.
    ratio = rows.loc["b[m]", "std_error"] / fit.std_error[fit.terms.index("m")]
    assert rows.loc["b[m]", "estimate"] == pytest.approx(fit.estimate[fit.terms.index("m")], rel=1e-9)
    assert ratio == pytest.approx(1, rel=2e-3)


def test_weights_are_those_of_two_stage_least_squares():
    data = confounded()
    data["size"] = np.random.default_rng(1).uniform(0.5, 2, len(data))
    found = estimates(decompose(data, weights="size"))
    fit = Design(data, ["firm", "year"], "industry", weights="size").estimate("y ~ c | x + m ~ z1 + z2")
    assert found["direct"] == pytest.approx(fit.estimate[fit.terms.index("x")], rel=1e-9)
    assert found["b[m]"] == pytest.approx(fit.estimate[fit.terms.index("m")], rel=1e-9)
    assert found["total"] == pytest.approx(found["direct"] + found["indirect[m]"], abs=1e-12)


def test_units_of_instruments_do_not_matter_and_those_of_the_treatment_divide_its_effects():
    data = confounded()
    plain = decompose(data, ["z1", "z4"], ["z2", "z3"], inference="monte_carlo", draws=199).tidy().set_index("term")
    scaled = data.assign(z1=1e6 * data["z1"], z3=1e-3 * data["z3"], x=1e3 * data["x"])
    moved = decompose(scaled, ["z1", "z4"], ["z2", "z3"], inference="monte_carlo", draws=199).tidy().set_index("term")
    terms = ["total", "direct", "a[m]", "indirect[m]", "remainder"]
    np.testing.assert_allclose(moved.loc[terms, "estimate"] * 1e3, plain.loc[terms, "estimate"], rtol=1e-7)
    np.testing.assert_allclose(moved.loc[terms, "std_error"] * 1e3, plain.loc[terms, "std_error"], rtol=1e-6)


def test_the_order_of_rows_does_not_matter():
    data = confounded()
    terms, again = (decompose(frame).tidy().set_index("term") for frame in (data, data.sample(frac=1, random_state=2)))
    np.testing.assert_allclose(terms["estimate"], again["estimate"], rtol=1e-9)
    np.testing.assert_allclose(terms["std_error"], again["std_error"], rtol=1e-8)


def test_effects_too_many_for_columns_are_absorbed_anew_to_the_same_end(monkeypatch):
    data = confounded()
    columns = decompose(data).tidy().set_index("term")
    monkeypatch.setattr("involution.models.mediation.products.explicit_is_possible", lambda sample, cluster: False)
    anew = decompose(data).tidy().set_index("term")
    np.testing.assert_allclose(anew["std_error"].dropna(), columns["std_error"].dropna(), rtol=1e-8)


def test_strength_is_sanderson_and_windmeijers():
    """Their definition written out: residual of the two-stage projection on the other, regressed on all instruments."""
    data = confounded()
    found = decompose(data, ["z1", "z4"], ["z2", "z3"])
    columns, place, names = found.system.absorbed, found.system.position, ["z1", "z4", "z2", "z3"]

    def partialled(name):
        c = columns[:, place["c"]]
        column = columns[:, place[name]]
        return column - c * (c @ column) / (c @ c)

    z = np.column_stack([partialled(name) for name in names])
    x, m = partialled("x"), partialled("m")
    fitted = z @ np.linalg.lstsq(z, x, rcond=None)[0]
    left = m - x * (fitted @ m) / (fitted @ x)
    explained = z @ np.linalg.lstsq(z, left, rcond=None)[0]
    degrees = found.n_obs - len(names) - 1 - found.system.sample.absorber.rank
    expected = explained @ explained / 3 / (np.sum((left - explained) ** 2) / degrees)
    statistics = found.statistics.set_index("statistic")
    assert statistics.loc["first_stage_f[m]", "value"] == pytest.approx(expected, rel=1e-8)
    assert statistics.loc["first_stage_f[m]", "df"] == 3


def test_with_one_instrumented_variable_strength_is_that_of_the_instrumental_model():
    data = confounded()
    found = decompose(data, of_mediator=()).statistics.set_index("statistic")["value"]
    fit = Design(data, ["firm", "year"], "industry").estimate("y ~ c | x ~ z1")
    expected = fit.statistics.set_index("statistic")["value"]
    for kind in ("first_stage_f", "first_stage_f_robust"):
        assert found[f"{kind}[x,total]"] == pytest.approx(expected[f"{kind}[x]"], rel=1e-8)
    assert found["first_stage_f[x]"] != pytest.approx(found["first_stage_f[x,total]"], rel=0.01)


def test_tests_of_surplus_instruments_are_those_of_the_outcomes_equation():
    data = confounded()
    found = decompose(data, ["z1", "z4"], ["z2", "z3"]).statistics.set_index("statistic")["value"]
    fit = Design(data, ["firm", "year"], "industry").estimate("y ~ c | x + m ~ z1 + z2 + z3 + z4")
    expected = fit.statistics.set_index("statistic")["value"]
    for name in ("sargan", "hansen_j", "wu_hausman"):
        assert found[name] == pytest.approx(expected[name], rel=1e-7)


def test_weak_instruments_are_named():
    said = decompose(confounded(strength=0.02)).remarks
    weak = next(remark for remark in said if remark.code == "weak_instruments")
    assert "[m]" in weak.text()
    assert "[m]" in weak.text("zh")
    assert not any(remark.code == "weak_instruments" for remark in decompose(confounded()).remarks)


@pytest.mark.parametrize(
    ("of_treatment", "of_mediator", "code"),
    [
        (["z1"], [], "identified_treatment"),
        ([], ["z2"], "identified_mediators"),
        (["z1"], ["z2"], "identified_all"),
    ],
)
def test_notes_say_what_is_identified_in_both_languages(of_treatment, of_mediator, code):
    said = {remark.code: remark for remark in decompose(confounded(), of_treatment, of_mediator).remarks}
    assert code in said
    assert said[code].text() != said[code].text("zh")
    assert "mediation_instruments" in said
    assert "mediation_status" not in said
    assert "mediation_remainder" not in said


@pytest.mark.parametrize(
    ("instruments", "message"),
    [
        ({"w": "z1"}, "'w' is neither the treatment nor a mediator"),
        ({"x": []}, "none is named"),
        ({"x": "c"}, "'c' is a control and an instrument"),
        ({"x": "z1", "m": "z1"}, "1 different instruments for 2 variables"),
    ],
)
def test_instruments_without_a_place_are_refused(instruments, message):
    with pytest.raises(InputError, match=message):
        decompose(confounded(), instruments=instruments)


def test_what_is_not_built_with_instruments_is_refused():
    with pytest.raises(InputError, match="moderated paths with instruments are not built"):
        decompose(confounded(), moderators={"m": "c"})
    with pytest.raises(InputError, match="not built for instrumented equations"):
        decompose(confounded(), inference="wild")


def test_an_instrument_that_the_effects_absorb_is_no_instrument():
    data = confounded()
    data["fixed"] = data["firm"] % 3
    with pytest.raises(NotEstimable, match="no instrument of x has variation of its own left"):
        decompose(data, ["fixed"])
    found = decompose(data, ["z1", "fixed"])
    assert any(remark.code == "absorbed" and "fixed" in remark.text() for remark in found.remarks)
    assert estimates(found)["direct"] == pytest.approx(estimates(decompose(data))["direct"], rel=1e-12)


def test_instruments_that_move_two_variables_alike_identify_neither():
    data = confounded()
    # Neither instrument moves the mediator but through the treatment, to rounding.
    first = data[["z1", "z2"]].to_numpy()
    dummies = pd.get_dummies(data[["firm", "year"]].astype(str), dtype=float).to_numpy()
    columns = np.column_stack([first, data["c"], dummies])
    noise = np.random.default_rng(1).normal(size=len(data))
    data["m"] = 0.5 * data["x"] + noise - columns @ np.linalg.lstsq(columns, noise, rcond=None)[0]
    with pytest.raises(NotEstimable, match="the instruments do not move m apart from the other columns"):
        decompose(data)
