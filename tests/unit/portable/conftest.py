"""A small panel with every feature that the scripts translate, and the files made of it."""

import numpy as np
import pandas as pd
import pytest

from involution.exhibits.labels import Labels
from involution.files import write_bytes
from involution.measures import dictionary
from involution.models.blocks import run_models
from involution.models.recorded import united_columns
from involution.models.run import run_block
from involution.portable.build import build_portable
from involution.study.base import Bilingual
from involution.study.models import Model
from involution.study.tables import Table

NASTY = '"\') /* \\ `x\' $y \n///\u2028 */ q("no") #{'


def panel(firms=40, years=6, seed=3):
    rng = np.random.default_rng(seed)
    firm = np.repeat(np.arange(firms), years)
    year = np.tile(np.arange(2010, 2010 + years), firms)
    x, z = rng.normal(size=(2, len(firm)))
    shock = rng.normal(size=len(firm))
    frame = pd.DataFrame({
        "firm": [f"{code:06d}" for code in firm], "year": year, "industry": [f"C{code % 8}" for code in firm],
        "region": [f"{code % 5}" for code in firm], "x": x + z + shock, "z": z, "规模": rng.normal(size=len(firm)),
        "w": rng.uniform(0.5, 2, len(firm)), "group": np.where(firm % 2, "高 \"q\"", "low"),
    })  # fmt: skip
    frame["if"] = rng.normal(size=len(firm))
    frame["y"] = 0.5 * frame["x"] + 0.2 * frame["规模"] + firm / 50 + shock + rng.normal(size=len(firm))
    frame["count"] = rng.poisson(np.exp(0.3 * z + 0.02 * firm - 0.5)).astype(float)
    # Singletons, missing values, and observations that separate a Poisson model.
    frame = frame.drop(index=frame.index[1:years])
    frame.loc[frame.index[[10, 20]], "x"] = np.nan
    frame.loc[frame["firm"] == "000007", "count"] = 0.0
    return frame.reset_index(drop=True)


MODELS = [
    {"name": "plain", "formula": "y ~ x + z", "vcov": "hetero"},
    {"name": "no_constant", "formula": "y ~ x - 1", "cluster": ["industry"]},
    {"name": "iid", "formula": "y ~ x | firm", "vcov": "iid"},
    {"name": "clustered", "formula": "y ~ x + 规模 + x:规模 | firm + year", "cluster": ["industry"]},
    {"name": "jackknife", "formula": "y ~ x + `if` | firm + region^year", "cluster": ["industry"], "vcov": "crv3"},
    {"name": "two_way", "formula": "y ~ x | firm + year", "cluster": ["firm", "year"]},
    {"name": "two_way_jackknife", "formula": "y ~ x | firm", "cluster": ["industry", "region"], "vcov": "crv3"},
    {"name": "wild", "formula": "y ~ x | firm + year", "cluster": ["industry"], "vcov": "wild"},
    {"name": "weighted", "formula": "y ~ x | firm + year", "cluster": ["firm"], "weights": "w"},
    {"name": "kept", "formula": "y ~ x | firm + year", "cluster": ["industry"], "singletons": "keep"},
    {"name": "where", "formula": "y ~ x + I(x^2) | firm", "cluster": ["industry"], "where": "year > 2011"},
    {"name": "by", "formula": "y ~ x | firm", "cluster": ["industry"], "by": "group"},
    {"name": "dummies", "formula": "y ~ i(year, z, ref=2010) + x | firm", "cluster": ["industry"]},
    {"name": "full", "formula": "y ~ x | firm + year", "cluster": ["firm"], "small_sample": {"fixed_effects": "full"}},
    {"name": "iv", "estimator": "iv", "formula": "y ~ 规模 | firm + year | x ~ z", "cluster": ["industry"]},
    {"name": "iv_jackknife", "formula": "y ~ 规模 | year | x ~ z + I(z^2)", "cluster": ["industry"], "vcov": "crv3"},
    {"name": "poisson", "estimator": "poisson", "formula": "count ~ z + x | firm + year", "cluster": ["industry"]},
    {"name": "poisson_jackknife", "estimator": "poisson", "formula": "count ~ z | firm", "cluster": ["industry"],
     "vcov": "crv3"},
    {"name": "poisson_plain", "estimator": "poisson", "formula": "count ~ z", "vcov": "hetero"},
    {"name": "shares", "estimator": "random_effects", "formula": "y ~ x"},
]  # fmt: skip


@pytest.fixture(scope="session")
def estimated():
    data = panel()
    result = run_models([Model.model_validate(model) for model in MODELS], data, study="small", draws=99)
    return result, united_columns(result.recorded, len(data))


@pytest.fixture(scope="session")
def files(estimated):
    result, block = estimated
    tables = [Table.model_validate({"name": "main", "title": NASTY}), Table(name="described", kind="descriptives")]
    labels = [Labels(language, {"x": Bilingual(en=NASTY, zh=NASTY)}) for language in ("en", "zh")]
    return build_portable("small", tables, result.estimates, [block], labels)


@pytest.fixture(scope="session")
def folder(files, tmp_path_factory):
    place = tmp_path_factory.mktemp("scripts") / "结果 1"
    for name, content in files.items():
        write_bytes(place / name, content)
    return place


@pytest.fixture(scope="session")
def staggered(tmp_path_factory):
    """A folder of scripts for an event study, never-treated and without, base years both ways."""
    data = panel()
    data["adopted"] = data["firm"].astype(int) % 4 * 2 + 2008
    data.loc[data["adopted"] == 2008, "adopted"] = np.nan
    data = data[data["adopted"] != 2010].assign(in_sample=True)
    asked = [
        {"name": "never", "outcome": "y", "cohort": "adopted"},
        {"name": "later", "outcome": "y", "cohort": "adopted", "control": "not_yet_treated", "base_period": "varying"},
        {"name": "controls", "outcome": "y", "cohort": "adopted", "controls": ["z"]},
    ]
    sections = {
        "event_study": [{**one, "estimators": ["callaway_santanna", "twfe"], "cluster": ["industry"]} for one in asked]
    }
    result = run_block(
        "event_study",
        sections,
        data.reset_index(drop=True),
        study="small",
        dictionary=dictionary(data),
        seed=1,
        draws=99,
    )
    tables = [Table.model_validate({"name": "staggered", "kind": "event_study", "title": "Adoption"})]
    block = united_columns(result.recorded, len(data))
    files = build_portable("small", tables, result.estimates, [block], [Labels("en")])
    place = tmp_path_factory.mktemp("staggered")
    for name, content in files.items():
        write_bytes(place / name, content)
    return place
