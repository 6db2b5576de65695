"""Panels in which a treatment varies by industry and year."""

import numpy as np
import pandas as pd


def panel(seed=1, *, firms=120, years=7, industries=12, own=0.1, gap=True, effect=0.0):
    """A treatment by industry and year, with something of the firm's own; one industry lacks a year."""
    random = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(2010, 2010 + years), firms)
    industry, region = firm % industries, firm // industries % 4
    course = random.normal(size=(industries, years)).cumsum(axis=1)
    shock = random.normal(size=(industries, years)).cumsum(axis=1)
    x = course[industry, year - 2010] + own * random.normal(size=len(firm)) + 50
    y = (
        effect * x
        + 0.3 * shock[industry, year - 2010]
        + random.normal(size=firms)[firm]
        + random.normal(size=len(firm))
    )
    data = pd.DataFrame({"firm": firm, "year": year, "industry": industry, "region": region, "x": x, "y": y + 7})
    data = data.assign(c=random.normal(size=len(firm)) + 0.1 * firm, weight=random.uniform(0.5, 2, len(firm)))
    data = data.assign(sector=industry // 3, in_sample=True)
    data.loc[random.random(len(firm)) < 0.05, "c"] = np.nan
    return data[~((data["industry"] == 3) & (data["year"] == 2012) & gap)].reset_index(drop=True)


def leave_one_out(seed, *, industries=20, years=8, uneven=False):
    """No effect of a treatment that leaves the firm out, of which the firm's own part moves its outcome."""
    random = np.random.default_rng(seed)
    sizes = np.clip(np.exp(random.normal(2.0, 0.6, industries)).astype(int), 4, 40)
    of_firm = np.repeat(np.arange(industries), sizes)
    firm, year = np.repeat(np.arange(len(of_firm)), years), np.tile(np.arange(2000, 2000 + years), len(of_firm))

    def course(sd):
        steps = random.normal(size=(industries, years + 10))
        for k in range(1, years + 10):
            steps[:, k] += 0.6 * steps[:, k - 1]
        return sd * steps[:, 10:]

    part = random.normal(size=(len(of_firm), years))
    whole = course(1.0)[of_firm] + part
    sums = np.zeros((industries, years))
    np.add.at(sums, of_firm, whole)
    x = (sums[of_firm] - whole) / (sizes[of_firm] - 1)[:, None]
    y = 0.5 * part + course(0.3)[of_firm] + random.normal(size=part.shape) + random.normal(size=len(of_firm))[:, None]
    data = pd.DataFrame({"firm": firm, "year": year, "industry": of_firm[firm], "x": x.ravel(), "y": y.ravel()})
    first = random.choice([0, 0, 1], industries) * uneven
    return data[data["year"] - 2000 >= first[data["industry"]]].reset_index(drop=True)
