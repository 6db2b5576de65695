"""Write darfur.json: the Darfur example of Cinelli and Hazlett (2020) as PySensemakr computes it.

Run with PySensemakr 0.0.8, pandas 2.2.3 and numpy 2.2.6. The package holds the data (Hazlett 2019, *Journal of
Conflict Resolution*; MIT licence):

    python make_darfur.py

The file has the cross-products of the columns about their village means, which determine everything that is
tested, and the numbers of the package's own run with `female` as benchmark.
"""

import json
from pathlib import Path

import sensemakr
import statsmodels.formula.api as smf

COLUMNS = ["directlyharmed", "female", "age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur", "peacefactor"]

data = sensemakr.load_darfur()
within = data[COLUMNS] - data.groupby("village")[COLUMNS].transform("mean")
model = smf.ols(f"peacefactor ~ village + {' + '.join(COLUMNS[:-1])}", data=data).fit()
found = sensemakr.Sensemakr(model=model, treatment="directlyharmed", benchmark_covariates="female", kd=[1, 2, 3])
golden = {
    "columns": COLUMNS,
    "products": (within.T @ within).to_numpy().tolist(),
    "sensitivity": {key: value for key, value in found.sensitivity_stats.items() if isinstance(value, float)},
    "dof": int(model.df_resid),
    "bounds": found.bounds.drop(columns="treatment").to_dict("list"),
}
Path(__file__).with_name("darfur.json").write_text(json.dumps(golden, indent=1, default=float) + "\n")
