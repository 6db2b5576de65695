"""Panels with a planted interaction, for the tests of moderated effects."""

import numpy as np
import pandas as pd


def plain(seed=0, firms=120, years=8, industries=24, regions=6, effect=0.1):
    """Firms in industries and regions; x varies by industry and year, w by region and year, z by firm and year."""
    random = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    industry, region = firm % industries, (firm // industries + firm) % regions
    x = random.normal(size=(industries, years))[industry, year]
    w = random.normal(size=(regions, years))[region, year] + 0.1 * year + random.normal(size=regions)[region]
    z = random.normal(size=len(firm))
    y = 0.3 * x + 0.2 * w + 0.1 * z + effect * x * w + random.normal(size=firms)[firm] + random.normal(size=len(firm))
    count = random.poisson(np.exp(0.2 * x + 0.1 * w + 0.1 * x * w + 0.5 * random.normal(size=firms)[firm]))
    return pd.DataFrame(
        {
            "firm": [f"f{k:03d}" for k in firm], "year": 2001 + year, "industry": [f"i{k:02d}" for k in industry],
            "region": [f"r{k}" for k in region], "x": x, "w": w, "z": z, "y": y, "count": count,
        }
    )  # fmt: skip


def firm_slopes(random, firms=400, years=8):
    """True interaction .10; x's firm mean goes with the firm's own slope of w (Giesselmann and Schmidt-Catran 2022).

    Half of x's variance is between firms and the slope is .14 of x's firm mean, so that the plain product takes
    .10 + .14 / 2 = .17.
    """
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    level = random.normal(size=firms)
    x, w = level[firm] + random.normal(size=len(firm)), random.normal(size=len(firm))
    y = 0.10 * x * w + 0.14 * level[firm] * w + random.normal(size=firms)[firm] + random.normal(size=len(firm))
    return pd.DataFrame({"firm": firm, "year": year, "x": x, "w": w, "y": y})


def _industries_and_cities(random, industries, cities, years, firms):
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    industry = random.permutation(firms)[firm] % industries
    city = random.permutation(firms)[firm] % cities
    pressure = np.zeros((industries, years))
    pressure[:, 0] = random.normal(size=industries)
    for t in range(1, years):
        pressure[:, t] = 0.6 * pressure[:, t - 1] + 0.8 * random.normal(size=industries)
    common = pd.DataFrame({"firm": firm, "year": year, "industry": industry, "region": city})
    return common, pressure[industry, year], firm, year, city


def drifting(random, industries=60, cities=40, years=10, firms=600):
    """No interaction; the effect of x grows by .1 a year, and w trends, faster in some cities."""
    common, x, firm, year, city = _industries_and_cities(random, industries, cities, years, firms)
    growth = 0.3 + 0.1 * random.normal(size=cities)
    w = growth[city] * year + 0.5 * random.normal(size=(cities, years))[city, year]
    noise = 0.3 * random.normal(size=(industries, years))[common["industry"], year] + random.normal(size=len(firm))
    return common.assign(x=x, w=w, y=0.1 * year * x + random.normal(size=firms)[firm] + noise)


def city_slopes(random, industries=60, cities=40, years=10, firms=600):
    """No interaction; the effect of x differs between cities, and the level of w goes with it."""
    common, x, firm, year, city = _industries_and_cities(random, industries, cities, years, firms)
    level = random.normal(size=cities)
    w = level[city] + 0.1 * year + 0.5 * random.normal(size=(cities, years))[city, year]
    noise = 0.3 * random.normal(size=(industries, years))[common["industry"], year] + random.normal(size=len(firm))
    return common.assign(x=x, w=w, y=0.3 * level[city] * x + random.normal(size=firms)[firm] + noise)
