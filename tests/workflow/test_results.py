"""What a run leaves behind: the files that other programs read, and nothing of the machine it ran on."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from .conftest import Project, contents, copy_tree, make_panel

ESTIMATES = [
    "study", "block", "model", "estimator", "outcome", "term", "estimate", "std_error", "statistic", "p_value",
    "ci_low", "ci_high", "n_obs", "n_firms", "n_clusters", "fixed_effects", "vcov", "r2", "r2_within", "note",
]  # fmt: skip


@pytest.fixture
def small(built: Project) -> Path:
    return built.results / "small"


def test_every_result_file_is_there(small):
    names = set(contents(small))
    formats = ("tex", "docx", "html", "md", "csv")
    expected = {
        f"tables/{part}{name}.{kind}" for part in ("", "zh/") for name in ("first", "described") for kind in formats
    }
    expected |= {
        f"figures/{part}{name}.{kind}"
        for part in ("", "zh/")
        for name in ("effects", "over_time")
        for kind in ("pdf", "png")
    }
    expected |= {
        "figures/effects.csv",
        "figures/over_time.csv",
        "tables/numbers.tex",
        "tables/numbers.json",
        "tables/numbers.docx",
        "tables/citations.bib",
        "tables/citations.md",
        "tables/zh/citations.md",
        "report/index.html",
        "report/zh/index.html",
        "manifest.json",
    }
    expected |= {f"estimates/{name}.csv" for name in ("estimates", "statistics", "notes")}
    expected |= {
        "estimates/influence.parquet",
        "estimates/hypotheses.csv",
        "estimates/adjusted.csv",
        "tables/hypotheses.csv",
    }
    expected |= {"panel/panel.parquet", "panel/report.json", "measures/measures.parquet"}
    expected |= {"measures/dictionary.csv", "measures/reliability.csv", "measures/index.json"}
    assert expected <= names


def test_estimates_have_exactly_the_columns_promised(small):
    estimates = pd.read_csv(small / "estimates/estimates.csv")
    assert list(estimates.columns) == ESTIMATES
    statistics = pd.read_csv(small / "estimates/statistics.csv")
    assert list(statistics.columns) == ["study", "block", "model", "statistic", "value", "df", "p_value"]


def test_how_much_clusters_move_estimates_stands_beside_them(small):
    influence = pd.read_parquet(small / "estimates/influence.parquet")
    assert list(influence.columns) == ["study", "block", "model", "term", "level", "cluster", "value"]
    squares = (influence["value"] ** 2).groupby([influence["model"].astype(str), influence["term"].astype(str)]).sum()
    estimates = pd.read_csv(small / "estimates/estimates.csv").set_index(["model", "term"])
    np.testing.assert_allclose(np.sqrt(squares), estimates.loc[squares.index, "std_error"], rtol=1e-9)
    assert set(squares.index.get_level_values("model")) == {"margins", "counts", "crowding"}


def test_hypotheses_have_verdicts_and_their_digest_is_in_the_manifest(small):
    found = pd.read_csv(small / "estimates/hypotheses.csv")
    assert found.groupby("hypothesis")["verdict"].first().to_dict() == {"H1": "supported", "H2": "not_testable"}
    assert (found["p_romano_wolf"][:2] >= found["p_value"][:2]).all()
    said = json.loads((small / "manifest.json").read_text(encoding="utf-8"))
    assert said["hypotheses"]["sha256"] == found["stated"].iloc[0]
    assert found["stated"].iloc[0] in (small / "report/index.html").read_text(encoding="utf-8")
    assert "estimates/hypotheses.csv" in said["outputs"]


def test_the_index_is_the_one_that_the_study_describes(small):
    measures = pd.read_parquet(small / "measures/measures.parquet")
    assert {"involution", "involution_squeeze", "involution_no_crowding", "involution_half_a"} <= set(measures.columns)
    account = json.loads((small / "measures/index.json").read_text(encoding="utf-8"))
    assert account["min_firms"] == 4
    assert [row["component"] for row in account["components"]] == ["margin_compression", "fragmentation"]
    assert account["rows_known"] == measures["involution"].notna().sum() > 100
    reliability = pd.read_csv(small / "measures/reliability.csv", keep_default_na=False)
    assert reliability["fixed_effects"].tolist() == ["", "year", "firm + year"]
    dictionary = pd.read_csv(small / "measures/dictionary.csv").set_index("name")
    assert dictionary.loc["involution", "available"]
    assert "effort_return_gap_revenue: needs" in dictionary.loc["involution_mechanism", "reason"]
    files = json.loads((small / "manifest.json").read_text(encoding="utf-8"))
    assert "measures/reliability.csv" in json.dumps(files)


def test_a_model_that_cannot_be_estimated_is_told_and_stops_nothing(small):
    estimates = pd.read_csv(small / "estimates/estimates.csv").set_index("model")
    assert np.isnan(estimates.loc["nobody", "estimate"])
    assert "no observations left" in estimates.loc["nobody", "note"]
    assert estimates.loc[["margins", "counts", "crowding"], "estimate"].notna().all()
    assert "no observations left" in (small / "tables/first.md").read_text(encoding="utf-8")


def test_the_table_prints_the_estimates(small):
    estimates = pd.read_csv(small / "estimates/estimates.csv").set_index(["model", "term"])
    shown = estimates.loc[("margins", "effort")]
    lines = (small / "tables/first.csv").read_text(encoding="utf-8").splitlines()
    rows = {tuple(line.split(",")[:2]): line.split(",")[2] for line in lines if line.count(",") == 5}
    label = "Effort <b>& cost</b>"
    assert rows[label, "Estimate"].rstrip("*").replace("\u2212", "-") == f"{shown.estimate:.3f}"
    assert rows[label, "Standard error"] == f"{shown.std_error:.3f}"


def test_the_panel_is_the_one_of_the_file(small):
    raw = make_panel()
    panel = pd.read_parquet(small / "panel/panel.parquet")
    assert len(panel) == len(raw)
    assert panel["firm"].iloc[0] == "000001"
    np.testing.assert_allclose(panel["revenue"], raw["sales"] * 1000)
    report = json.loads((small / "panel/report.json").read_text(encoding="utf-8"))
    assert report["sources"][0]["encoding"] == "gb18030"
    assert report["rows_read"] == len(raw)
    assert report["steps"][-1]["rows_after"] == report["shape"]["rows"] == len(raw)


def test_no_path_of_the_machine_is_in_any_result(built, small):
    secret = str(built.folder.parent).encode()
    assert [name for name, content in contents(small).items() if secret in content] == []


def test_the_manifest_names_every_file_by_its_hash(small):
    import hashlib

    manifest = json.loads((small / "manifest.json").read_text(encoding="utf-8"))
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents(small).items()}
    for name in ("manifest.json", *(n for n in found if re.fullmatch(r"estimates/models.*\.parquet", n))):
        del found[name]
    assert manifest["outputs"] == found
    assert set(manifest["inputs"]) == {"账目.csv", "finance.csv", "small.yaml"}
    assert manifest["versions"]["pandas"] == pd.__version__


def test_the_report_stands_alone(small):
    page = (small / "report/index.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert page.count("<script>") == page.count("<script") == 1
    assert "Effort &lt;b&gt;&amp; cost&lt;/b&gt;" in page
    assert "<b>&" not in page


def test_the_reports_of_two_languages_link_to_each_other_and_to_files_that_exist(small):
    for page in (small / "report/index.html", small / "report/zh/index.html"):
        links = set(re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8")))
        assert {link for link in links if not (page.parent / link).is_file()} == set()
        assert any(link.endswith("index.html") for link in links)
        assert any(link.endswith(".csv") for link in links)


def test_the_report_of_snakemake_holds_every_table_and_figure(built, tmp_path):
    written = tmp_path / "report.html"
    done = built.run("--report", str(written), languages="[en,zh]")
    assert done.returncode == 0, done.stderr
    page = written.read_text(encoding="utf-8")
    for name in ("first", "described", "zh/first", "effects", "zh/over_time"):
        assert f'"{name}"' in page
    assert "involution-type competition" in page


def test_results_are_the_same_bytes_wherever_and_however_they_are_made(built, tmp_path):
    other = Project(copy_tree(tmp_path / "源 代码"), tmp_path / "小微 企业")
    other.write()
    done = other.run(cores=1, hash_seed=4321, languages="[en,zh]")
    assert done.returncode == 0, done.stderr
    first, second = contents(built.results), contents(other.results)
    first.pop("small/manifest.json"), second.pop("small/manifest.json")
    assert [name for name in first if first[name] != second.get(name)] == []
    assert set(first) == set(second)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_a_paper_with_table_and_number_compiles(small, tmp_path):
    for name in ("first.tex", "numbers.tex"):
        shutil.copy(small / "tables" / name, tmp_path)
    (tmp_path / "paper.tex").write_text(
        r"\documentclass{article}\usepackage{booktabs,dcolumn,graphicx}\input{numbers.tex}"
        r"\begin{document}The estimate is \involutionSmallMarginsEffort{} (\involutionSmallMarginsEffortSE)."
        r"\input{first.tex}\end{document}"
    )
    run = subprocess.run(["pdflatex", "-halt-on-error", "paper.tex"], cwd=tmp_path, capture_output=True, check=False)
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]
