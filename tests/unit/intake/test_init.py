"""`involution init`: a study file that passes the check, for files of every dialect, and kind messages for the rest."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from involution.cli import main
from involution.study import load_study

ROOT = Path(__file__).parents[3]


def proposed(files, folder, *more):
    output = folder / "mine.yaml"
    status = main(["init", *map(str, files), "--name", "mine", "--output", str(output), *more])
    return status, output


@pytest.mark.parametrize("dialect", ["extracts", "csmar", "compustat", "english"])
def test_the_proposed_study_passes_the_check(dialect, request, tmp_path, capsys):
    status, output = proposed(request.getfixturevalue(dialect), tmp_path)
    assert status == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert f"involution check {output}" in said
    assert "snakemake" in said.splitlines()[-1]
    assert main(["check", str(output)]) == 0, capsys.readouterr().err


def test_elsewhere_the_folder_of_the_workflow_is_named(english, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    proposed(english, tmp_path)
    last = capsys.readouterr().out.splitlines()[-1]
    assert f"--directory {ROOT} --snakefile {ROOT / 'Snakefile'}" in last
    assert f"studies={tmp_path / 'mine.yaml'} results={tmp_path / 'results'}" in last
    monkeypatch.chdir(ROOT)
    proposed(english, tmp_path, "--force")
    assert "--directory" not in capsys.readouterr().out


def test_the_same_files_give_the_same_bytes(english, tmp_path):
    _, output = proposed(english, tmp_path)
    first = output.read_bytes()
    status, _ = proposed(english, tmp_path, "--force")
    assert (status, output.read_bytes()) == (0, first)


def test_a_study_file_that_is_there_is_not_replaced(english, tmp_path, capsys):
    (tmp_path / "mine.yaml").write_text("name: precious\n")
    status, output = proposed(english, tmp_path)
    assert status == 1
    assert "--force" in capsys.readouterr().err
    assert output.read_text() == "name: precious\n"


def test_extracts_become_a_whole_chapter(extracts, tmp_path):
    _, output = proposed(extracts, tmp_path, "--language", "zh")
    study = load_study(output)
    assert set(study.data.panel.units.values()) == {1000.0}
    assert study.data.panel.region_codes == "prefecture"
    assert study.data.join[0].match == "name"
    assert study.data.cohorts["pilot"].match == "name"
    assert study.design.treatment == "involution"
    for section in (
        "robustness",
        "endogeneity",
        "mediation",
        "moderation",
        "event_study",
        "heterogeneity",
        "hypotheses",
    ):
        assert getattr(study, section), section
    assert [block.moderator[0].by for block in study.moderation][:1] == ["finance"]
    assert "工企库" not in output.read_text("utf-8")
    assert "计量单位" in output.read_text("utf-8")


def test_statements_are_joined_consolidated_and_at_the_end_of_the_year(csmar, tmp_path):
    _, output = proposed(csmar, tmp_path)
    study = load_study(output)
    panel = study.data.panel

    assert panel.filter == "Typrep == 'A' and month(Accper) == 12"
    assert panel.skip_rows == [2, 3]
    assert panel.pad["firm"] == 6
    joins = {join.source[0].rsplit("/", 1)[-1]: join for join in study.data.join}
    assert joins["FS_Combas.csv"].filter == panel.filter
    assert joins["TRD_Co.csv"].kind == "many_to_one"
    assert joins["TRD_Co.csv"].columns["birth_year"] == "year(Estbdt)"
    assert joins["patents.csv"].aggregate == {"patents_invention": "sum"}
    assert {group for block in study.heterogeneity for group in block.groups} >= {"国企", "民企"}


def test_units_of_headers_and_of_compustat(english, compustat, tmp_path):
    _, output = proposed(english, tmp_path)
    panel = load_study(output).data.panel
    assert set(panel.units.values()) == {1e6}
    assert panel.sheet == "Panel"
    assert "Inventory stock" in output.read_text("utf-8")
    assert "inventory" not in panel.columns
    _, output = proposed(compustat, tmp_path, "--force")
    panel = load_study(output).data.panel
    assert (panel.units["employees"], panel.units["revenue"]) == (1e3, 1e6)
    assert panel.columns["dividends_interest"] == "dv + xint"


def test_a_column_that_the_user_names_is_taken(english, tmp_path):
    _, output = proposed(english, tmp_path, "--column", "inventory=Inventory stock (RMB million)")
    study = load_study(output)
    assert study.data.panel.columns["inventory"] == "Inventory stock (RMB million)"
    assert "involution" in study.design.treatment


def test_without_firm_or_year_the_candidates_are_named(tmp_path, capsys):
    table = pd.DataFrame({"who": ["a", "a", "b", "b"], "when": [2001, 2002, 2001, 2002], "sales": [1, 2, 3, 4]})
    table.to_csv(tmp_path / "odd.csv", index=False)
    status, _ = proposed([tmp_path / "odd.csv"], tmp_path)
    said = capsys.readouterr().err
    assert status == 1
    assert "could be: who" in said
    assert "--column 'firm=who'" in said
    assert "could be: when" in said


def test_files_of_other_kinds_are_left_out_or_refused(english, tmp_path, capsys):
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    status, output = proposed([*english, tmp_path / "notes.pdf"], tmp_path)
    assert status == 0
    assert "notes.pdf" in output.read_text("utf-8")
    status, _ = proposed([tmp_path / "notes.pdf"], tmp_path, "--force")
    assert status == 1
    assert ".csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--name", "../x"], "is no name"),
        (["--column", "firmware=x"], "no canonical column 'firmware'"),
        (["--column", "firm"], "expected NAME=HEADER"),
    ],
)
def test_wrong_options_are_told(arguments, message, english, tmp_path, capsys):
    status, _ = proposed(english, tmp_path, *arguments)
    assert status == 1
    assert message in capsys.readouterr().err


def test_a_folder_stands_for_its_files_and_one_among_them_is_left_out(english, tmp_path):
    status, output = proposed([english[0].parent], tmp_path)
    assert status == 0
    assert load_study(output).data.panel.source[0].endswith("panel.xlsx")
    (tmp_path / "old").mkdir()
    status, output = proposed([*english, tmp_path / "old"], tmp_path, "--force")
    assert status == 0
    assert "old" in output.read_text("utf-8")


def test_a_file_that_is_not_there_is_told(tmp_path, capsys):
    status, _ = proposed([tmp_path / "gone.csv"], tmp_path)
    assert status == 1
    assert "no such file" in capsys.readouterr().err


def test_firm_years_that_stand_twice_are_told(english, tmp_path, capsys):
    frame = pd.read_excel(english[0], sheet_name="Panel", dtype=str)
    pd.concat([frame, frame.head(2)]).to_csv(tmp_path / "twice.csv", index=False)
    status, _ = proposed([tmp_path / "twice.csv"], tmp_path)
    assert status == 0
    assert "2 firm-years stand more than once" in capsys.readouterr().err


def test_a_large_panel_is_tried_on_whole_industries(extracts, tmp_path, monkeypatch):
    from involution.intake import propose

    proposal = propose.propose(extracts, "mine", tmp_path / "mine.yaml")
    (tmp_path / "mine.yaml").write_text(proposal.text, encoding="utf-8")
    study = load_study(tmp_path / "mine.yaml")
    assert propose._smaller(study, proposal.data) is study
    monkeypatch.setattr(propose, "TRIED_ON", 1_000)
    condition = propose._smaller(study, proposal.data).data.panel.filter
    assert condition.startswith("行业代码 in ['")
    codes = condition.split("[")[1].strip("]").replace("'", "").split(", ")
    industries = proposal.data.firm_years["industry"]
    assert 0 < industries.isin(codes).sum() <= 1_000


def test_what_the_data_refuse_is_left_out_with_the_reason(tmp_path, capsys):
    random = np.random.default_rng(0)
    rows = [(f"f{firm}", year) for firm in range(60) for year in range(2008, 2012)]
    frame = pd.DataFrame(rows, columns=["firm", "year"])
    frame["revenue"] = np.exp(random.normal(10, 1, len(frame)))
    frame["total_assets"] = np.exp(random.normal(10, 1, len(frame)))
    frame["industry"] = np.where(frame["firm"].str[-1].isin(list("01234")), "C13", "C14")
    frame.assign(cogs=frame["revenue"] * 0.8, rd_spend=frame["revenue"] * 0.02).to_csv(tmp_path / "s.csv", index=False)
    status, output = proposed([tmp_path / "s.csv"], tmp_path)
    assert status == 0
    assert "robustness.balanced_panel" in capsys.readouterr().err
    assert "balanced_panel" not in [asked.name for asked in load_study(output).robustness]
    assert "# Not possible on these data: balanced_panel." in output.read_text("utf-8")
    assert main(["check", str(output)]) == 0


def test_accounts_without_a_line_to_explain_are_refused(tmp_path, capsys):
    pd.DataFrame({"firm": ["a", "a"], "year": [2001, 2002], "x": [1, 2]}).to_csv(tmp_path / "x.csv", index=False)
    status, output = proposed([tmp_path / "x.csv"], tmp_path)
    assert (status, output.exists()) == (1, False)
    assert "recognised: firm, year" in capsys.readouterr().err
