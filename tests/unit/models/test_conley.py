"""Conley's covariance: against sums over all pairs, and against what it is in special cases."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import InputError
from involution.models.blocks import run_models
from involution.models.conley import EARTH_RADIUS, nearby
from involution.study.models import Model

PLAIN = {"observations": False}


def haversine(a, b):
    """Kilometres between points in degrees, by the formula in sines."""
    (lat_a, lon_a), (lat_b, lon_b) = np.deg2rad(a), np.deg2rad(b)
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(h))


@pytest.fixture
def data():
    random = np.random.default_rng(3)
    firms, years = 60, 6
    region = np.arange(firms) % 25
    latitude, longitude = random.uniform(22, 42, 25), random.uniform(100, 122, 25)
    frame = pd.DataFrame(
        {
            "firm": np.repeat(np.arange(firms), years),
            "year": np.tile(np.arange(2010, 2010 + years), firms),
            "region": np.repeat(region, years),
            "x": random.normal(size=firms * years),
            "w": random.normal(size=firms * years),
        }
    )
    frame["latitude"], frame["longitude"] = latitude[frame["region"]], longitude[frame["region"]]
    frame["y"] = frame["x"] + random.normal(size=len(frame)) * (1 + frame["x"] ** 2)
    return frame.drop(index=[3, 10, 77, 200])


def by_pairs(fit, data, cutoff, kernel, lags):
    """The covariance written out: each pair of rows, one by one."""
    rows = data.iloc[fit.rows]
    design = rows[list(fit.terms)].to_numpy()
    absorbed = design - rows[list(fit.terms)].groupby(rows["firm"]).transform("mean").to_numpy()
    influence = absorbed * fit.residuals[:, None] @ np.linalg.inv(absorbed.T @ absorbed)
    firm, year, points = rows["firm"].to_numpy(), rows["year"].to_numpy(), rows[["latitude", "longitude"]].to_numpy()
    total = np.zeros((2, 2))
    for i in range(len(rows)):
        for j in range(len(rows)):
            weight = 0.0
            if year[i] == year[j] and (distance := haversine(points[i], points[j])) <= cutoff:
                weight = 1.0 if kernel == "uniform" else 1 - distance / cutoff
            elif firm[i] == firm[j] and 0 < (apart := abs(year[i] - year[j])) <= lags:
                weight = 1 - apart / (lags + 1)
            total += weight * np.outer(influence[i], influence[j])
    return total


@pytest.mark.parametrize("kernel", ["uniform", "bartlett"])
@pytest.mark.parametrize("lags", [0, 2])
def test_it_is_the_sum_over_all_pairs(data, kernel, lags):
    asked = {"cutoff": 600, "kernel": kernel, "lags": lags}
    fit = inv.estimate("y ~ x + w | firm", data, vcov="conley", conley=asked, small_sample=PLAIN)
    expected = by_pairs(fit, data, 600, kernel, lags)
    assert np.linalg.eigvalsh(expected)[0] > 0
    assert fit.covariance == pytest.approx(expected, rel=1e-10)
    assert fit.vcov_label == "conley"
    assert fit.cluster_influence is None


def test_without_neighbours_it_is_hetero_and_with_one_place_a_year_crv1(data):
    alone = data.assign(latitude=np.linspace(-60, 60, len(data)), longitude=10.0)
    fit = inv.estimate("y ~ x + w", alone.drop(columns="year"), vcov="conley", conley={"cutoff": 1})
    hetero = inv.estimate("y ~ x + w", alone, vcov="hetero", small_sample={"clusters": False})
    assert fit.std_error == pytest.approx(hetero.std_error, rel=1e-12)
    # As fixest's own tests have it: places far apart and a uniform kernel are clusters of place and year.
    places = inv.estimate("y ~ x + w", data, vcov="conley", conley={"cutoff": 0.001})
    joined = data.assign(cell=data["region"] * 10_000 + data["year"])
    cells = inv.estimate("y ~ x + w", joined, cluster="cell", small_sample={"clusters": False})
    assert places.std_error == pytest.approx(cells.std_error, rel=1e-12)


def test_all_years_of_a_firm_with_a_flat_kernel_would_be_its_clusters(data):
    # With very many lags the Bartlett weights come near to one; places alone are firms here.
    alone = data.assign(latitude=data["firm"] * 1.0, longitude=10.0)
    fit = inv.estimate("y ~ x + w", alone, vcov="conley", conley={"cutoff": 1, "lags": 100_000})
    crv1 = inv.estimate("y ~ x + w", alone, cluster="firm", small_sample={"clusters": False})
    assert fit.std_error == pytest.approx(crv1.std_error, rel=1e-4)


def test_distances_cross_the_date_line_and_the_poles_and_blocks_do_not_matter(monkeypatch):
    points = np.array([[0.0, 179.9], [0.0, -179.9], [89.9, 0.0], [89.9, 180.0], [0.0, 0.0]])
    near = nearby(points, np.eye(5), 30, "bartlett")
    assert near[0, 1] == pytest.approx(1 - haversine(points[0], points[1]) / 30, rel=1e-9)
    assert near[2, 3] == pytest.approx(1 - haversine(points[2], points[3]) / 30, rel=1e-9)
    assert near[4].tolist() == [0, 0, 0, 0, 1]
    monkeypatch.setattr("involution.models.conley._PAIRS", 1)
    assert np.array_equal(nearby(points, np.eye(5), 30, "bartlett"), near)
    assert nearby(points, np.eye(5), 30_000, "uniform") == pytest.approx(np.ones((5, 5)))


def test_a_covariance_that_is_not_positive_is_mended_and_told():
    # Three places in a row, neighbours within the cutoff and ends beyond it: the uniform kernel is indefinite.
    data = pd.DataFrame({"latitude": [0.0, 1, 2] * 20, "longitude": 0.0})
    random = np.random.default_rng(0)
    sign = np.array([1, -1.5, 1] * 20)
    data["x"], data["w"] = random.normal(size=60), random.normal(size=60)
    data["x"] -= data["x"].mean()
    data["y"] = 5 * sign * np.sign(data["x"]) + 0.01 * random.normal(size=60)
    fit = inv.estimate("y ~ x + w", data, vcov="conley", conley={"cutoff": 120})
    assert "conley_not_positive" in [remark.code for remark in fit.remarks]
    assert np.linalg.eigvalsh(fit.covariance)[0] >= -1e-15


def test_rows_without_coordinates_are_left_out_and_counted(data):
    data.loc[data["region"] == 4, "latitude"] = np.nan
    fit = inv.estimate("y ~ x + w | firm", data, vcov="conley", conley={"cutoff": 500})
    assert fit.n_obs == len(data) - (data["region"] == 4).sum()
    assert any("latitude" in text for text in fit.notes)
    assert any("different years are taken as uncorrelated" in text for text in fit.notes)


def test_poisson_has_it_too(data):
    counts = data.assign(y=np.random.default_rng(1).poisson(np.exp(0.3 * data["x"])))
    fit = inv.estimate("y ~ x + w | firm", counts, "poisson", vcov="conley", conley={"cutoff": 500, "lags": 1})
    assert (fit.std_error > 0).all()


@pytest.mark.parametrize(
    "asked, message",
    [
        (None, "there is no cutoff"),
        ({"cutoff": -1}, "above zero"),
        ({"cutoff": 1, "kernel": "gauss"}, "expected uniform or bartlett"),
        ({"cutoff": 1, "latitude": "lat"}, "there is no column 'lat'"),
        ({"cutoff": 1, "longitude": "year"}, "no degrees within 360"),
        ({"cutoff": 1, "reach": 2}, "unknown key 'reach'"),
    ],
)
def test_mistakes_are_told(data, asked, message):
    with pytest.raises(InputError, match=message):
        inv.estimate("y ~ x", data, vcov="conley", conley=asked)


def test_an_industry_treatment_needs_more_than_space(data):
    with_index = data.assign(industry=data["firm"] % 5, involution=data["x"])
    with pytest.raises(InputError, match="conley is below the level"):
        inv.estimate("y ~ involution", with_index, vcov="conley", conley={"cutoff": 1})


def test_a_study_asks_for_it_by_its_key(data):
    asked = {"name": "m", "formula": "y ~ x + w | firm", "vcov": "conley", "conley": {"cutoff": 600, "lags": 2}}
    result = run_models([Model(**asked)], data.assign(in_sample=True), study="s")
    fit = inv.estimate("y ~ x + w | firm", data, vcov="conley", conley={"cutoff": 600, "lags": 2})
    assert result.estimates["std_error"].to_numpy() == pytest.approx(fit.std_error, rel=1e-12)
    with pytest.raises(ValueError, match="go together"):
        Model(name="m", formula="y ~ x", vcov="conley")
    with pytest.raises(InputError, match="there is no column 'latitude'"):
        run_models([Model(**asked)], data.drop(columns="latitude").assign(in_sample=True), study="s")
