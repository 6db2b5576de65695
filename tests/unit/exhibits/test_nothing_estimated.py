"""The rules of tables and figures where no model of the study can be estimated: files, a folder, and the reasons."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from involution.files import write_csv, write_json
from involution.models.run import run_block
from involution.models.tidy import no_adjusted, no_hypotheses
from tests.unit.models.robustness.conftest import DESIGN, DICTIONARY, panel

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"
STUDY = {"design": {**DESIGN, "cluster": ["one"]}}


class Inputs(dict):
    """Named inputs of a rule."""

    __getattr__ = dict.__getitem__


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("estimates")
    data = panel().assign(one=1)
    found = run_block(
        "baseline", {**STUDY, "derive": {}, "variables": {}}, data, study="s", dictionary=DICTIONARY, seed=1, draws=99
    )
    assert found.estimates["estimate"].isna().all()
    frames = {
        "estimates": found.estimates, "statistics": found.statistics, "notes": found.notes, "curves": found.curves,
        "truth": found.estimates.head(0), "hypotheses": no_hypotheses(), "adjusted": no_adjusted(),
        "dictionary": DICTIONARY.assign(available=True, reason=""),
    }  # fmt: skip
    files = {name: str(folder / f"{name}.csv") for name in frames}
    for name, frame in frames.items():
        write_csv(files[name], frame)
    data.to_parquet(folder / "analysis.parquet")
    write_json(folder / "sample.json", {"sample_rows": len(data), "sample_firms": 200, "steps": [], "winsorised": {}})
    return Inputs(files, analysis=str(folder / "analysis.parquet"), sample=str(folder / "sample.json"))


@pytest.mark.parametrize("rule", ["tables", "figures"])
def test_a_rule_leaves_its_folder(inputs, tmp_path, rule):
    folder = tmp_path / rule
    (tmp_path / "none").mkdir()
    snakemake = SimpleNamespace(
        log=[str(tmp_path / "log")],
        input=Inputs(inputs, figures=str(tmp_path / "none")),
        output=SimpleNamespace(folder=str(folder)),
        params=SimpleNamespace(
            study=STUDY,
            formats=["md"],
            languages=["en", "zh"],
            named={"name": "s", "title": None},
            sources=[],
            citation="",
        ),
    )
    runpy.run_path(str(SCRIPTS / f"{rule}.py"), {"snakemake": snakemake})
    assert folder.is_dir()
    if rule == "tables":
        assert "1 cluster of one: at least two are needed" in (folder / "threats.md").read_text("utf-8")
        assert "1 cluster of one: at least two are needed" in (folder / "baseline.md").read_text("utf-8")


def test_a_report_can_be_made_of_reasons_alone(inputs):
    from involution.exhibits.columns import read_results

    results = read_results(inputs)
    assert results.statistics.empty
    assert isinstance(results.notes, pd.DataFrame)
    assert (results.notes["code"] == "not_estimable").all()
