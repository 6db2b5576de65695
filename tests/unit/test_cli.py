"""The command at a terminal: what it says, its exit codes, and that a mistake is never a traceback."""

import json
import os
import string
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import involution
from involution.cli import app, main
from involution.commands.check_lines import reason_in
from involution.commands.check_texts import CHECK_TEXTS
from involution.commands.schema import generated

ROOT = Path(__file__).parents[2]
STUDY = """
name: mine
data:
  panel:
    source: 企业 数据.csv
    columns: {firm: code, year: year, industry: industry, revenue: 营业收入}
    units: {revenue: 1e6}
population: {drop_if: [revenue <= 0]}
variables: {ln_revenue: log(revenue)}
sample: {years: [2011, 2012]}
models:
  - {name: first, formula: ln_revenue ~ hhi_loo | firm}
"""


@pytest.fixture
def folder(tmp_path):
    """A sound study with its data, in a folder whose name has a space and Chinese characters."""
    place = tmp_path / "我的 研究"
    place.mkdir()
    rows = [
        f"{firm:03d},{year},{'C13' if firm < 3 else 'C14'},{firm * 10 + year - 2009}"
        for firm in range(5)
        for year in (2010, 2011, 2012)
    ]
    rows[-1] = "004,2012,C14,0"
    (place / "企业 数据.csv").write_text("\n".join(["code,year,industry,营业收入", *rows]), encoding="gb18030")
    (place / "study.yaml").write_text(STUDY, encoding="utf-8")
    return place


def change(folder, old, new):
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


def test_negative_amounts_and_changed_region_codes_are_told(folder, capsys):
    change(folder, "revenue: 营业收入}", "revenue: 营业收入, region: region}\n    region_codes: current")
    study = change(folder, "population: {drop_if: [revenue <= 0]}\n", "")
    accounts = folder / "企业 数据.csv"
    head, *rows = accounts.read_text(encoding="gb18030").splitlines()
    rows = [f"{row},{'522400' if row.startswith('000') else '341400'}" for row in rows]
    rows[-1] = "004,2012,C14,-3,520500"
    accounts.write_text("\n".join([f"{head},region", *rows]), encoding="gb18030")
    assert main(["check", study]) == 0
    said = capsys.readouterr().out
    assert "data.panel: region codes of 3 rows changed (current)" in said
    assert "note: 11 rows are of region 341400, which has been divided among other prefectures" in said
    assert "doubt: revenue is negative in 1 rows; what is divided by it is missing there" in said


def test_industries_with_too_few_firms_for_an_index_are_counted(folder, capsys):
    index = "index: {min_firms: 3, families: {crowding: [fragmentation]}}\nvariables:"
    assert main(["check", change(folder, "variables:", index)]) == 0
    said = capsys.readouterr().out
    # C14 has two firms, in the last year one: five rows of three industry-years.
    assert "note: 5 rows, in 3 industry-years of fewer than 3 firms, have no index" in said


def test_a_sound_study_is_described(folder, capsys):
    assert main(["check", str(folder / "study.yaml")]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "study 'mine'" in said.out
    assert "15 rows read, 14 in the population, 9 in the sample" in said.out
    assert "5 firms, 2010-2012, 1 models" in said.out
    assert "企业 数据.csv: 15 rows, gb18030" in said.out
    assert "Not available\n" in said.out
    assert "needs cogs: gross_margin, " in said.out
    assert list(folder.parent.rglob("*results*")) == []


def test_accounts_on_both_sides_of_2018_are_asked_about(folder, capsys):
    table = pd.read_csv(folder / "企业 数据.csv", encoding="gb18030", dtype=str)
    table["year"] = (table["year"].astype(int) + 6).astype(str)
    table.assign(admin="5", rd="1").to_csv(folder / "企业 数据.csv", encoding="gb18030", index=False)
    change(folder, "[2011, 2012]", "[2017, 2018]")
    path = change(folder, "revenue: 营业收入}", "revenue: 营业收入, admin_expense: admin, rd_expensed: rd}")
    assert main(["check", path]) == 0
    assert "  note: admin_expense is taken to hold rd_expensed in all years" in capsys.readouterr().out
    change(folder, "models:", "accounting: [{years: [2018, 2030], rd_expensed: beside}]\nmodels:")
    assert main(["check", path]) == 0
    assert "is taken to hold" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("models:", "modles:", "the nearest known key is 'models'"),
        ("name: mine", "name: ../mine", "name: found '../mine'"),
        ("name: mine", "name: mine\nname: yours", "line 3: the key 'name' stands twice"),
        ("name: mine", "name: [mine", "line "),
        ("name: mine", "name: !!python/object/apply:os.getcwd []", "line 2: the tag !!python"),
        ("population:", "design: {}\npopulation:", "design.outcomes: this key is required"),
        ("formula:", "estimator: liml, formula:", "the estimator 'liml' is not built yet"),
        ("企业 数据.csv", "none.csv", "there is no such file"),
        ("source: 企业 数据.csv", "source: []", "expected at least one"),
        ("revenue: 营业收入", "revenue: 营业收", "营业收入"),
        ("log(revenue)", "log(revenu)", "the nearest is 'revenue'"),
        ("log(revenue)", "open('x')", "there is no function 'open'"),
        ("[2011, 2012]", "[2050, 2060]", "no row is left"),
        ("year: year", "year: code", "year"),
        ("revenue <= 0", "revenue <= 1e20", "no row is left"),
        ("firm: code", "firm: industry", "line"),
    ],
)
def test_a_mistake_is_one_message_and_status_one(folder, capsys, old, new, said):
    assert main(["check", change(folder, old, new)]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("involution: ")
    assert said in output.err
    assert "Traceback" not in output.err


def test_names_that_a_model_gets_wrong_are_told_without_estimating(folder, capsys):
    path = change(folder, "ln_revenue ~ hhi_loo | firm", "ln_revenue ~ hhi_lo | firm")
    assert main(["check", path]) == 1
    said = capsys.readouterr().err
    assert "model 'first', formula" in said
    assert "the nearest is 'hhi_loo'" in said


def test_all_mistakes_of_all_studies_are_told_and_sound_ones_described(folder, capsys):
    sound, missing = str(folder / "study.yaml"), str(folder / "none.yaml")
    wrong = folder / "wrong.yaml"
    wrong.write_text(STUDY.replace("models:", "modles:").replace("sample:", "smple:"), encoding="utf-8")
    assert main(["check", missing, sound, str(wrong)]) == 1
    said = capsys.readouterr()
    assert "study 'mine'" in said.out
    assert f"{missing}: cannot be read" in said.err
    assert all(f"{wrong}: {key}" in said.err for key in ("modles", "models", "smple"))


@pytest.fixture
def doubtful(folder):
    """A study one of whose rows is negative; its accounts are of one industry and few firms."""
    accounts = folder / "企业 数据.csv"
    text = accounts.read_text(encoding="gb18030")
    accounts.write_text(text.replace("004,2012,C14,0", "004,2012,C14,-7"), encoding="gb18030")
    return change(folder, "population: {drop_if: [revenue <= 0]}\n", "")


def test_suspicions_are_told_with_their_rows_and_leave_the_status_alone(doubtful, capsys):
    assert main(["check", doubtful]) == 0
    said = capsys.readouterr().out
    heads = ("Found", "Suspicious", "Not available", "Models")
    assert [line for line in said.splitlines() if line in heads] == list(heads)
    assert "  doubt: revenue is negative in 1 rows; what is divided by it is missing there [negative]" in said
    assert "      firm 004, year 2012, revenue -7,000,000" in said
    assert "not estimated: models, first: its rows are of one cluster of industry" in said


def test_strict_makes_suspicions_a_failure_unless_they_are_accepted(doubtful, folder, capsys):
    assert main(["check", "--strict", doubtful]) == 1
    assert "--accept NAME" in capsys.readouterr().err
    assert main(["check", "--strict", "--accept", "negative", doubtful]) == 0
    assert main(["check", "--strict", "--accept", "negativ", doubtful]) == 1
    assert "there is no suspicion 'negativ'; the nearest is 'negative'" in capsys.readouterr().err


def test_a_clean_study_passes_strictly(folder):
    assert main(["check", "--strict", str(folder / "study.yaml")]) == 0


def test_what_is_said_is_said_in_chinese(doubtful, capsys):
    assert main(["check", doubtful, "--language", "zh"]) == 0
    said = capsys.readouterr().out
    for line in ("数据概况", "可疑之处", "不可用的指标", "模型"):
        assert f"\n{line}\n" in said
    assert "存疑：revenue 在 1 行中为负" in said
    assert "缺少 cogs：" in said
    assert "只属于一个 industry 聚类" in said


def test_programs_read_json(doubtful, folder, capsys):
    missing = str(folder / "none.yaml")
    assert main(["check", "--format", "json", doubtful, missing]) == 1
    said = capsys.readouterr()
    sound, wrong = json.loads(said.out)["studies"]
    assert set(sound) == {
        "path", "study", "found", "suspicious", "notes", "measures", "models", "not_counted", "problems",
    }  # fmt: skip
    assert sound["found"]["rows_read"] == 15
    negative = {finding["name"]: finding for finding in sound["suspicious"]}["negative"]
    assert set(negative) == {
        "name", "severity", "count", "columns", "rows", "values", "what", "why", "mend",
    }  # fmt: skip
    assert negative["rows"] == [{"firm": "004", "year": 2012, "revenue": -7e6}]
    assert sound["measures"]["unavailable"]["gross_margin"] == "needs cogs"
    (model,) = sound["models"]
    assert (model["model"], model["estimated"]) == ("first", False)
    assert set(wrong) == {"path", "problems"}
    assert wrong["problems"][0]["what"].startswith("cannot be read")
    assert f"{missing}: cannot be read" in said.err


def test_models_that_are_refused_do_not_hide_what_is_found(folder, capsys):
    path = change(folder, "ln_revenue ~ hhi_loo | firm", "ln_revenue ~ hhi_lo | firm")
    assert main(["check", path]) == 1
    said = capsys.readouterr()
    assert "15 rows read" in said.out
    assert "  refused: model 'first', formula" in said.out


def test_every_text_of_the_check_has_both_languages_with_the_same_values():
    for english, chinese in CHECK_TEXTS.values():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
        assert fields[0] == fields[1]


def test_reasons_are_told_in_chinese():
    assert reason_in("needs cogs or wages, ppi", "zh") == "缺少 cogs 或 wages、ppi"
    assert reason_in("no component of the family 'squeeze' is left (a: needs b, c; d: needs e)", "zh") == (
        "指标族 'squeeze' 没有可用的组成部分（a：缺少 b、c；d：缺少 e）"
    )
    assert reason_in("a, b known in 20.0% of the rows, fewer than 50%", "zh") == "a、b 仅在 20.0% 的行中有值，低于 50%"
    assert reason_in("something else", "zh") == "something else"


def run(*arguments, **options):
    command = [sys.executable, "-m", "involution.cli", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120, **options)


def test_the_process_ends_with_the_status(folder):
    sound = run("check", "study.yaml", cwd=folder)
    assert (sound.returncode, sound.stderr) == (0, "")
    wrong = run("check", change(folder, "models:", "modles:"))
    assert wrong.returncode == 1
    assert wrong.stdout == ""
    assert "Traceback" not in wrong.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["chek"], ["check"], ["schema", "--chek"], ["simulate", "x", "--seed", "-1"]]
)
def test_wrong_usage_is_status_two(arguments, capsys):
    assert main(arguments) == 2
    assert "Usage: involution" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"involution {involution.__version__}\n"


def test_every_command_says_what_it_is_for(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for command in app.registered_commands:
        name = command.callback.__name__
        assert name in said
        assert main([name, "-h"]) == 0
        assert f"Usage: involution {name}" in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_the_commands(shell):
    script = run("--show-completion", shell)
    assert script.returncode == 0
    assert "_INVOLUTION_COMPLETE" in script.stdout


def test_colours_are_for_terminals_that_want_them(folder):
    wrong = change(folder, "models:", "modles:")
    plain = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    assert "\x1b[" not in run("check", wrong, env=plain).stderr
    assert "\x1b[" in run("check", wrong, env={**plain, "FORCE_COLOR": "1"}).stderr
    assert "\x1b[3" not in run("check", wrong, env={**plain, "FORCE_COLOR": "1", "NO_COLOR": "1"}).stderr
    sound = change(folder, "modles:", "models:")
    assert "\x1b[" not in run("check", sound, env=plain).stdout
    assert "\x1b[" in run("check", sound, env={**plain, "FORCE_COLOR": "1"}).stdout
    assert "\x1b[3" not in run("check", sound, env={**plain, "FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout


def test_generated_files_of_the_tree_are_up_to_date(capsys):
    assert main(["schema", "--check", "--folder", str(ROOT)]) == 0, "run `make docs`"
    assert capsys.readouterr().out == "all up to date\n"


def test_schemas_are_written_and_then_up_to_date(tmp_path, capsys):
    assert main(["schema", "--check", "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert all(name in said for name in generated())
    assert list(tmp_path.iterdir()) == []
    assert main(["schema", "--folder", str(tmp_path)]) == 0
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == set(generated())
    assert main(["schema", "--check", "--folder", str(tmp_path)]) == 0


def test_one_stale_file_is_named(tmp_path, capsys):
    main(["schema", "--folder", str(tmp_path)])
    stale = tmp_path / "docs" / "study-file.md"
    stale.write_text(stale.read_text(encoding="utf-8") + "more", encoding="utf-8")
    capsys.readouterr()
    assert main(["schema", "--check", "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "involution: not up to date: docs/study-file.md; run `make docs`\n"
    assert main(["schema", "--folder", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "written: docs/study-file.md\n"
    assert stale.read_text(encoding="utf-8") == generated()["docs/study-file.md"]
