"""The command rehearse: a table at the terminal and files, never an estimate."""

import pandas as pd
import pytest

from involution.cli import main

from .models.rehearsal.simulated import panel

STUDY = """
name: mine
data:
  panel:
    source: 数据.csv
    columns: {firm: firm, year: year, industry: industry}
    keep: [x, y, c]
design:
  outcomes: [y]
  treatment: x
  timing: {treatment: 0, outcome: 0, controls: 0}
  controls: [c]
  cluster: [industry]
labels: {y: {en: Innovation, zh: 创新}}
"""


@pytest.fixture
def study(tmp_path):
    place = tmp_path / "我的 研究"
    place.mkdir()
    panel(1, industries=15, years=6).to_csv(place / "数据.csv", index=False)
    (place / "study.yaml").write_text(STUDY, encoding="utf-8")
    return place / "study.yaml"


def test_the_planned_models_are_rehearsed_and_nothing_is_estimated(study, tmp_path, capsys):
    assert main(["rehearse", str(study), "--draws", "100", "--output", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "Innovation" in said.out
    assert "CRV3 by Industry" in said.out
    assert "mine: rehearsing baseline_y (1 of 1)" in said.err
    estimates = pd.read_csv(tmp_path / "out/rehearsal_estimates.csv")
    assert (estimates["block"] == "rehearsal").all()
    assert "x" not in set(estimates["term"])
    assert {"rehearsal.md", "rehearsal.csv", "rehearsal_statistics.csv", "rehearsal_curves.csv"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    assert estimates.set_index("term").loc["size", "estimate"] <= 0.2


def test_the_numbers_are_those_of_the_section_in_a_run(study, capsys, tmp_path):
    text = study.read_text(encoding="utf-8")
    study.write_text(text + "rehearsal: {draws: 150, effects: [0.1]}\n", encoding="utf-8")
    assert main(["rehearse", str(study), "--language", "zh", "--seed", "5", "--output", str(tmp_path / "a")]) == 0
    first = capsys.readouterr()
    assert "创新" in first.out
    assert "抽取的结果变量数" in first.out
    assert main(["rehearse", str(study), "--seed", "5", "--output", str(tmp_path / "b")]) == 0
    a, b = ((tmp_path / name / "rehearsal_estimates.csv").read_bytes() for name in "ab")
    assert a == b
    frame = pd.read_csv(tmp_path / "a/rehearsal_estimates.csv")
    assert frame["term"].tolist()[:4] == ["size", "coverage", "power[0.1]", "mde"]


def test_mistakes_are_one_message(study, capsys):
    assert main(["rehearse", str(study), "--draws", "3"]) == 1
    assert "--draws" in capsys.readouterr().err
    assert main(["rehearse", str(study), "--seed", "-3"]) == 2
    assert "--seed" in capsys.readouterr().err
    text = study.read_text(encoding="utf-8").replace("outcomes: [y]", "outcomes: [nowhere]")
    study.write_text(text, encoding="utf-8")
    assert main(["rehearse", str(study)]) == 1
    said = capsys.readouterr().err
    assert "nowhere" in said
    assert "Traceback" not in said
    models = "\nmodels: [{name: m, formula: y ~ x | firm}]\n"
    study.write_text(STUDY[: STUDY.index("design:")] + models, encoding="utf-8")
    assert main(["rehearse", str(study)]) == 1
    assert "plans no model that could be rehearsed" in capsys.readouterr().err
