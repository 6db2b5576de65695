"""The benchmarks compare like with like: each program of a case gives the same estimate."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def folder(monkeypatch):
    """Modules of the folder import each other by their names."""
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
