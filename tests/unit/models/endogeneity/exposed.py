"""Industries with shares in shocks: measured shocks move the treatment, unmeasured ones both errors."""

import numpy as np
import pandas as pd
from tests.unit.models.endogeneity.conftest import DICTIONARY

from involution.models.run import run_block

EFFECT = -0.4
CLOCK = {"treatment": 0, "moderator": 0, "outcome": 0, "controls": -1, "mediator": 0}
DESIGN = {
    "outcomes": ["y"], "treatment": "x", "timing": CLOCK, "controls": [], "cluster": ["industry"],
    "fixed_effects": ["industry", "year"],
}  # fmt: skip


def exposed(seed=1, *, industries=60, shocks=30, years=6, firms=2, total=1.0, hidden=1.0, drift=0.0):
    """The panel, the shares and the shocks.

    `hidden` scales shocks that are not measured, with the same shares; shares of an industry add up to `total`, or to
    between .5 and one where it is None; `drift` is a rise of all shocks by year that moves the outcome too.
    """
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.full(shocks, 0.15), industries)
    sums = random.uniform(0.5, 1.0, industries) if total is None else np.full(industries, total)
    shares = shares * sums[:, None]
    size = random.normal(size=(shocks, years)) + drift * np.arange(years)
    b = shares @ size
    confounder, error = hidden * (shares @ random.normal(size=(shocks, years))), random.normal(size=(industries, years))
    error = hidden * (shares @ random.normal(size=(shocks, years))) + 0.3 * error
    industry, firm, year = (part.ravel() for part in np.indices((industries, firms, years)))
    x = (b + confounder + 0.2 * random.normal(size=b.shape))[industry, year]
    trend = drift * (sums[:, None] * np.arange(years))[industry, year]
    y = EFFECT * x + (0.5 * confounder + error)[industry, year] + trend + 0.3 * random.normal(size=len(x))
    codes = np.array([f"i{code:02d}" for code in range(industries)])
    names = np.array([f"k{code:02d}" for code in range(shocks)])
    panel = pd.DataFrame(
        {
            "firm": np.char.add(codes[industry], firm.astype(str)),
            "year": 2010 + year,
            "industry": codes[industry],
            "y": y,
            "x": x,
            "before": random.normal(size=len(x)),
            "weight": random.uniform(0.5, 2, len(x)),
            "in_sample": True,
        }
    )
    unit, shock = np.indices(shares.shape)
    long = pd.DataFrame({"industry": codes[unit.ravel()], "shock": names[shock.ravel()], "share": shares.ravel()})
    shock, year = np.indices(size.shape)
    table = pd.DataFrame({"shock": names[shock.ravel()], "year": 2010.0 + year.ravel(), "growth": size.ravel()})
    table.insert(2, "group", table["shock"])
    return panel, long, table


def run(found, *asked, design=DESIGN, seed=1):
    panel, shares, shocks = found
    sections = {"endogeneity": list(asked), "design": design, "derive": {}, "variables": {}}
    return run_block(
        "endogeneity", sections, panel, study="s", dictionary=DICTIONARY, seed=seed, draws=99,
        shift_share=(shares, shocks),
    )  # fmt: skip
