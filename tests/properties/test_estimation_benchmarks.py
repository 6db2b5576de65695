"""The benchmarks compare like with like: each program of a case gives the same estimate."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _found_among_themselves(monkeypatch):
    """The modules of the benchmarks import each other by their plain names, as scripts do."""
    monkeypatch.syspath_prepend(FOLDER)


def load(name: str) -> ModuleType:
    """A module of the benchmarks' folder, which is not a package."""
    specification = importlib.util.spec_from_file_location(f"benchmarks_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def test_the_benchmark_panel_is_a_panel():
    """The number of rows asked for, one per firm and year, the same each time."""
    simulate = load("cases").simulate
    data = simulate(2_000)
    assert len(data) == 2_000
    assert not data.duplicated(["firm", "year"]).any()
    assert data.equals(simulate(2_000))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "name", ["two_way", "many_effects", "poisson", "wild", "mediation_bootstrap", "mediation_jackknife"]
)
def test_programs_of_a_case_agree(name):
    """The estimate of x1, or the indirect effect of the first sample of clusters, to 1e-6 relative in every program."""
    pytest.importorskip("pyfixest")
    cases = load("cases")
    data = cases.simulate(2_000)
    estimates = {program: prepare(data)() for program, prepare in cases.case(name).programs.items()}
    assert estimates == pytest.approx(dict.fromkeys(estimates, estimates["involution"]), rel=1e-6)


@pytest.mark.parametrize("first", ["firm", "year"])
def test_programs_of_the_common_core_make_the_same_numbers(tmp_path, first):
    """Number, mean and mean square of every column to 1e-9 relative in every program."""
    for package in ("polars", "duckdb"):
        pytest.importorskip(package)
    cases = load("cases")
    path = tmp_path / "core.parquet"
    load("panels").write_core_file(3_000, first, path)
    made = {program: prepare(path)()() for program, prepare in cases.case(f"core_by_{first}").programs.items()}
    assert all(count > 0 for count in made["involution"][::3])
    for numbers in made.values():
        assert numbers == pytest.approx(made["involution"], rel=1e-9)


def test_the_accounts_of_the_benchmark_leave_out_no_measure_but_that_of_texts():
    """No measure lacks a column, on as many rows as were asked for, with one row per firm and year."""
    from involution.measures import measured

    panel, events = load("panels").accounts(8_000)
    assert len(panel) == 8_000
    assert not panel.duplicated(["firm", "year"]).any()
    table = measured(panel, events=events).dictionary
    assert table.loc[table["reason"].str.startswith("needs"), "name"].tolist() == ["homogeneity_text"]


def test_a_case_that_is_run_again_leaves_the_others_on_the_page():
    """New records stand in place of those of the same case and size, in the order of the cases."""
    pytest.importorskip("pyfixest")
    renewed = load("run").renewed
    old = pd.DataFrame({"case": ["two_way", "two_way", "crv3"], "rows": [5, 50, 5], "median": [1.0, 2.0, 3.0]})
    again = renewed(old, [{"case": "two_way", "rows": 50, "median": 9.0}])
    assert again.to_dict("list") == {"case": ["two_way", "two_way", "crv3"], "rows": [5, 50, 5], "median": [1, 9, 3]}
    assert renewed(old, []).equals(old)
