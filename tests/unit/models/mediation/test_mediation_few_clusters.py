"""Few clusters: the wild bootstrap of the paths, and joint significance that no interval's method changes."""

import numpy as np
import pandas as pd
import pytest

from involution.errors import InputError
from involution.models.design import Design
from involution.models.mediation.mediate import mediate


def panel(clusters=14, firms_in_each=4, years=5, a=0.3, b=0.3, seed=1):
    draws = np.random.default_rng(seed)
    firm = np.repeat(np.arange(clusters * firms_in_each), years)
    year, industry = np.tile(np.arange(years), clusters * firms_in_each), firm % clusters
    shock = draws.normal(size=(3, clusters, years))[:, industry, year]
    x = shock[0] + draws.normal(size=len(firm))
    m = a * x + shock[1] + draws.normal(size=len(firm))
    n = 0.2 * x + 0.3 * m + draws.normal(size=len(firm))
    y = 0.2 * x + b * m - 0.2 * n + shock[2] + draws.normal(size=len(firm))
    columns = {"firm": firm, "year": year, "industry": industry, "x": x, "m": m, "n": n, "y": y}
    return pd.DataFrame({**columns, "w": draws.normal(size=len(firm))})


def decompose(data, **options):
    options = {"draws": 499, "seed": 3, **options}
    return mediate(data, "y", "x", ["m", "n"], (), ["firm", "year"], "industry", **options)


def p_values(found):
    return found.statistics.set_index("statistic")["p_value"]


def test_wild_p_values_are_those_of_each_equation_as_a_regression():
    data = panel()
    found = p_values(decompose(data, serial=["m", "n"]))
    design = Design(data, ["firm", "year"], "industry")
    options = {"vcov": "wild", "draws": 499, "seed": 3}
    equations = {
        "m ~ x": {"x": "a[m]"},
        "n ~ x + m": {"x": "a[n]", "m": "d[n,m]"},
        "y ~ x + m + n": {"x": "direct", "m": "b[m]", "n": "b[n]"},
        "y ~ x": {"x": "total"},
    }
    for formula, terms in equations.items():
        fit = design.estimate(formula, **options)
        for name, term in terms.items():
            assert found[f"wild[{term}]"] == fit.p_value[fit.terms.index(name)]


def test_joint_significance_by_the_bootstrap_is_the_larger_of_its_p_values():
    found = p_values(decompose(panel()))
    for name in ("m", "n"):
        assert found[f"joint_significance_wild[{name}]"] == max(found[f"wild[a[{name}]]"], found[f"wild[b[{name}]]"])


def test_with_forty_effective_clusters_the_bootstrap_is_made_on_request_alone():
    many = panel(clusters=42, firms_in_each=2)
    assert not p_values(decompose(many)).index.str.startswith("wild").any()
    assert "wild[b[m]]" in p_values(decompose(many, inference="wild")).index
    assert not any(remark.code == "few_clusters" for remark in decompose(many).remarks)


def test_wild_inference_puts_its_p_values_and_intervals_into_the_table():
    data = panel()
    wild, usual = (decompose(data, inference=kind).tidy().set_index("term") for kind in ("wild", "monte_carlo"))
    fit = Design(data, ["firm", "year"], "industry").estimate("m ~ x", vcov="wild", draws=499, seed=3)
    expected = (fit.p_value[0], fit.ci_low[0], fit.ci_high[0])
    assert tuple(wild.loc["a[m]", ["p_value", "ci_low", "ci_high"]]) == expected
    pd.testing.assert_series_equal(wild.loc["indirect[m]"], usual.loc["indirect[m]"])


def test_moderated_second_stages_have_no_total_to_bootstrap():
    found = p_values(decompose(panel(), moderators={"m": {"by": "w", "stage": "second"}}))
    assert "wild[b[m]]" in found.index
    assert "wild[total]" not in found.index


@pytest.mark.parametrize("inference", ["delta", "jackknife", "bootstrap", "bca", "wild"])
def test_joint_significance_uses_t_tests_of_the_paths_whatever_the_intervals_are(inference):
    data = panel()
    found, design = p_values(decompose(data, inference=inference)), Design(data, ["firm", "year"], "industry")
    first = design.estimate("m ~ x", vcov="crv3")
    second = design.estimate("y ~ x + m + n", vcov="crv3")
    expected = max(first.p_value[0], second.p_value[second.terms.index("m")])
    assert found["joint_significance[m]"] == pytest.approx(expected, rel=1e-7)


def test_the_bootstrap_depends_on_the_seed_alone():
    data = panel()
    shuffled = data.sample(frac=1, random_state=1)
    first, again = (p_values(decompose(frame)) for frame in (data, shuffled))
    other = p_values(decompose(data, seed=4))
    paths = [name for name in first.index if name.startswith("wild")]
    # Clusters are numbered in the order in which they appear: the shuffled panel draws other signs for them.
    assert p_values(decompose(data))[paths].tolist() == first[paths].tolist()
    assert (first[paths] - again[paths]).abs().max() < 0.05
    assert (first[paths] - other[paths]).abs().max() > 0


def test_the_bootstrap_of_a_path_that_is_not_there_rejects_about_as_often_as_it_says():
    draws = [p_values(decompose(panel(clusters=10, firms_in_each=2, b=0.0, seed=s), draws=199)) for s in range(60)]
    rejected = np.mean([found["wild[b[m]]"] < 0.1 for found in draws])
    assert 0.02 <= rejected <= 0.22


def test_two_clusterings_have_no_bootstrap():
    data = panel()
    found = mediate(data, "y", "x", "m", (), "firm", ["industry", "year"], draws=99)
    assert not p_values(found).index.str.startswith("wild").any()
    with pytest.raises(InputError, match="'wild' draws clusters, and two are named"):
        mediate(data, "y", "x", "m", (), "firm", ["industry", "year"], inference="wild")
