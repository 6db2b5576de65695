"""A small study's results, estimated once, for the tests of the exhibits."""

import numpy as np
import pandas as pd
import pytest

from involution.exhibits.labels import labels_for
from involution.exhibits.regression import Results
from involution.models.blocks import run_models
from involution.panel.columns import canonical_columns
from involution.study.base import Bilingual
from involution.study.models import Model

HOSTILE = "<b>&_%$#~^\\{}|\"'=1+1 企业"


@pytest.fixture(scope="session")
def analysis():
    random = np.random.default_rng(3)
    firm = np.repeat(np.arange(40), 5)
    x, w = random.normal(size=200), random.normal(size=200)
    return pd.DataFrame(
        {
            "firm": [f"f{k:02d}" for k in firm],
            "year": np.tile(np.arange(2010, 2015), 40),
            "industry": [f"i{k % 8}" for k in firm],
            "x": x,
            "w": w,
            "y": x - 0.5 * w + random.normal(size=40)[firm] + random.normal(size=200),
            "constant": 1.0,
            "in_sample": True,
        }
    )


@pytest.fixture(scope="session")
def results(analysis):
    models = [
        Model(name="first", formula="y ~ x | firm", cluster=["firm"]),
        Model(name="second_2", formula="y ~ x + w + x:w | firm + year", cluster=["industry"], vcov="crv3"),
        Model(name="failing", formula="constant ~ x | firm", cluster=["firm"]),
    ]
    block = run_models(models, analysis, study="made_up", dictionary=DICTIONARY)
    sample = {"sample_rows": 200, "sample_firms": 40, "steps": [], "winsorised": {"x": 3}}
    return Results(block.estimates, block.statistics, block.notes, pd.DataFrame(), sample)


DICTIONARY = pd.DataFrame(
    columns=[
        "name",
        "label_en",
        "label_zh",
        "formula",
        "unit",
        "coverage",
        "level",
        "leave_one_out",
        "available",
        "reason",
    ]
)


@pytest.fixture(scope="session")
def mediated():
    from .mediated import mediated_results

    return mediated_results()


@pytest.fixture
def labels():
    own = {"x": Bilingual(en=HOSTILE, zh=HOSTILE), "w": Bilingual(en="Width", zh="宽度")}
    return labels_for("en", own, DICTIONARY, canonical_columns())
