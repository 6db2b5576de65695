"""Instruments of the simulated study: drawn beside everything else, valid and invalid as they are planted."""

import hashlib

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.simulate import Settings, planted_effects, simulate

BEFORE = {
    "accounts": "4b0b06b06dfdf066b7061d51c8adaf2147cd73b65c74572ac9329b5b2791d6d2",
    "regions": "a77225730d2a746aedade7efcec8b1b172859ef650ae874fcd46ed3f7e7eb6a6",
    "industries": "e32653bb8fe699e6b73c76e5f1d50cbc49061813d7cf56212e48df8c9da9a3fd",
    "events": "7ade4ab4db3b1cafb9d8633d2129b53db3f6fc54b9abcdb66ed5ac911dd49cdb",
    "pilots": "8e35ae95409cd2881edd238b4f6c7801703e89b1070ebf2408be751c32fd5431",
}
"""Digests of the tables of 600 firms and seed 1 before there were instruments."""


def test_the_tables_that_were_there_before_do_not_change():
    simulated = simulate(Settings(firms=600), seed=1)
    for name, digest in BEFORE.items():
        raw = pd.util.hash_pandas_object(getattr(simulated, name), index=False).to_numpy().tobytes()
        assert hashlib.sha256(raw).hexdigest() == digest, name


@pytest.fixture(scope="module")
def world():
    """A large panel, so that what is planted is found closely."""
    return simulate(Settings(firms=4_000, years=40), seed=5)


@pytest.fixture(scope="module")
def panel(world):
    data = world.accounts.merge(world.instruments, on=["industry", "year"], validate="many_to_one")
    shares = world.shares.pivot(index="industry", columns="market", values="share").fillna(0)
    shocks = world.shocks.pivot(index="market", columns="year", values="shock")
    summed = (shares @ shocks).stack().rename("demand").reset_index()
    data = data.merge(summed, on=["industry", "year"]).sort_values(["firm", "year"])
    data["sums"] = data["industry"].map(shares.sum(axis=1))
    by_firm = data.groupby("firm")
    for name in ("latent_pressure", "instrument", "instrument_invalid", "demand"):
        data[f"{name}_l1"] = by_firm[name].shift(1)
    data["after"] = by_firm["latent_innovation"].shift(-1)
    return data


def estimated(panel, instrument, regressors="1"):
    text = f"after ~ {regressors} | industry + year | latent_pressure_l1 ~ {instrument}"
    return inv.estimate(text, panel, cluster="industry", vcov="crv1")


@pytest.mark.parametrize(("instrument", "regressors"), [("instrument_l1", "1"), ("demand_l1", "i(year, sums)")])
def test_valid_instruments_find_the_effect_of_pressure(panel, instrument, regressors):
    fit = estimated(panel, instrument, regressors)
    place = fit.terms.index("latent_pressure_l1")
    assert fit.ci_low[place] < planted_effects(Settings())["total"] < fit.ci_high[place]
    assert fit.std_error[place] < 0.05


def test_the_invalid_instrument_misses_it_by_what_is_planted(panel):
    noise = Settings().noise
    total = planted_effects(Settings())["total"]
    expected = total + noise.innovation_shock[1] * noise.instrument_invalid / noise.instrument
    fit = estimated(panel, "instrument_invalid_l1")
    assert fit.ci_low[0] < expected < fit.ci_high[0]
    assert not fit.ci_low[0] < total < fit.ci_high[0]
    held = inv.estimate(
        "after ~ instrument_invalid_l1 + latent_pressure_l1 | industry + year", panel, cluster="industry"
    )
    direct = planted_effects(Settings())["direct effect of instrument_invalid"]
    assert held.ci_low[0] < direct < held.ci_high[0]


def test_shares_add_up_to_less_than_one_and_shocks_are_apart(world):
    sums = world.shares.groupby("industry")["share"].sum()
    assert sums.between(0.6 - 1e-4, 1 + 1e-4).all()
    shocks = world.shocks.pivot(index="year", columns="market", values="shock")
    assert shocks.to_numpy().std() == pytest.approx(1, abs=0.1)
    correlation = np.corrcoef(shocks.to_numpy().T)
    assert abs(correlation[np.triu_indices(40, 1)].mean()) < 0.05
