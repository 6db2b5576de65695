"""Tiers without draws: the trap is refused (D), units change nothing (G); and the page of the long run is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.measures import dictionary, measure
from involution.models.rules import Refused
from involution.panel.build import built
from involution.panel.columns import kind
from involution.simulate import Settings, Simulated, simulate
from involution.simulate.write import chinese
from involution.study import parse_study
from tests.acceptance.page import PAGE
from tests.acceptance.tiers import TIERS
from tests.unit.simulate.conftest import at_clock

KEYS = {"region": ("region", "year"), "industry": ("industry", "year")}


@pytest.fixture(scope="module")
def small() -> Simulated:
    """Six hundred firms of the shipped kind."""
    return simulate(Settings(firms=600), seed=3)


def test_tier_d_effects_at_the_level_of_the_index_are_refused(small):
    """With industry-year effects the leave-one-out index would be the firm's own share, upside down."""
    data = measure(at_clock(small))
    with pytest.raises(Refused, match="at the level of fragmentation_loo"):
        inv.estimate("rd_next ~ fragmentation_loo | firm + industry^year", data, cluster="industry")
    assert inv.estimate("rd_next ~ fragmentation_loo | firm + year", data, cluster="industry").n_obs > 1_000


def tables(simulated: Simulated) -> dict[str, pd.DataFrame]:
    """The files that a researcher would have, without the latent columns."""
    accounts = simulated.accounts
    kept = accounts.drop(columns=[name for name in accounts if name.startswith("latent")])
    return {"accounts": kept, "region": simulated.regions, "industry": simulated.industries}


def section(plain: pd.DataFrame, written: pd.DataFrame, declare: bool) -> dict[str, object]:
    """Columns of a file by what they are, with the unit of its amounts if they are to be declared."""
    amounts = [name for name in plain if kind(name) == "money"] if declare else []
    return {
        "columns": dict(zip(plain.columns, written.columns, strict=True)),
        "units": dict.fromkeys(amounts, 1_000.0),
    }


def measured(folder: Path, simulated: Simulated, *, thousands: bool, declare: bool) -> pd.DataFrame:
    """Measures of the tables written as csv and read as a study reads them, events and all."""
    data: dict[str, object] = {"join": []}
    for name, plain in tables(simulated).items():
        written = chinese(plain) if thousands else plain
        written.to_csv(folder / f"{name}.csv", index=False, encoding="gb18030")
        part = {"source": f"{name}.csv", **section(plain, written, declare)}
        if name == "accounts":
            data["panel"] = part
            continue
        names = part["columns"]
        keys = {key: names.pop(key) for key in KEYS[name]}
        data["join"].append({"level": name, "keys": keys, **part})
    simulated.events.to_csv(folder / "events.csv", index=False, encoding="gb18030")
    data["events"] = {"source": "events.csv"}
    study = parse_study({"name": "units", "data": data, "models": [{"name": "first", "formula": "revenue ~ cogs"}]})
    found = built(study.data, {}, study.population, lambda source: str(folder / source))
    return measure(found.panel, events=found.events).drop(columns=list(found.panel.columns))


def test_tier_g_thousand_yuan_with_their_unit_declared_change_no_measure(small, tmp_path):
    """Every measure, numbers and words; without the declaration indices of absolute size move and the ratios do not."""
    plain = measured(tmp_path, small, thousands=False, declare=False)
    declared = measured(tmp_path, small, thousands=True, declare=True)
    known = set(dictionary(small.panel, events=small.events).query("available")["name"])
    assert known <= set(plain)
    assert {"involution", "involution_mechanism", "involution_pca", "sa_index", "firm_size", "event_exposure"} <= known
    # Amounts in thousands are written to the cent as amounts in yuan are: only the last binary digits differ.
    pd.testing.assert_frame_equal(plain, declared, rtol=1e-6, atol=1e-9)
    undeclared = measured(tmp_path, small, thousands=True, declare=False)
    np.testing.assert_allclose(undeclared["involution"], plain["involution"], atol=1e-6)
    assert (undeclared["sa_index"] - plain["sa_index"]).abs().median() > 0.5


def test_the_page_of_the_long_run_has_every_tier():
    text = PAGE.read_text(encoding="utf-8")
    for tier in TIERS:
        assert f"## {tier.name}: {tier.title}" in text
