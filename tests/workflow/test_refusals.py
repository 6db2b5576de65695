"""A mistake of the user: one message, ours last, no traceback, nothing that looks finished."""

import pytest

from .conftest import STUDY, make_panel

EARLY = {
    "unknown key": (("population:", "popualtion:"), "popualtion", "population"),
    "misspelt model": (
        ("models: [margins, counts, crowding", "models: [margin, counts, crowding"),
        "margin",
        "margins",
    ),
    "formula": (("effort + ln_revenue | firm + year", "effort + ( | firm + year"), "models[0].formula", "^"),
    "expression": (("log(revenue)", "revenue.__class__"), "derive", "ln_revenue"),
    "missing file": (("source: finance.csv", "source: finances.csv"), "finances.csv", "no such file"),
    "folder": (("name: small\n", "name: ../small\n"), "name", "../small"),
    "section": (("tables:\n", "rehearsal: []\ntables:\n"), "rehearsal", "expected a mapping"),
    "yaml": (("name: small\n", "name: [small\n"), "small.yaml", "line"),
    "object": (("name: small\n", "name: !!python/object/apply:os.getcwd []\n"), "tag", "not allowed"),
}


def assert_ours(done, *words):
    """The run failed, and what a user reads last is our message."""
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert "involution: " in done.stderr
    message = done.stderr[done.stderr.rindex("involution: ") :]
    for noise in ("WorkflowError", "Complete log", "Elapsed time", "CalledProcessError"):
        assert noise not in message
    for word in words:
        assert word in message
    assert len(message.splitlines()) < 25


@pytest.mark.parametrize("mistake", EARLY)
def test_a_bad_study_is_refused_before_any_job(project, mistake):
    (old, new), *words = EARLY[mistake]
    assert old in STUDY
    project.write(STUDY.replace(old, new))
    assert_ours(project.run(), *words)
    assert not project.results.exists()


def test_all_mistakes_of_all_studies_are_told_together(project):
    first = project.write(STUDY.replace("population:", "popualtion:"))
    second = first.with_name("other.yaml")
    second.write_text("name: other\nmodels: []\n", encoding="utf-8")
    done = project.run(studies=f"['{first}', '{second}']")
    assert_ours(done, "popualtion", "other.yaml", "data")


def test_two_studies_of_one_name_are_refused(project):
    path = project.write()
    other = path.with_name("other.yaml")
    other.write_text(STUDY, encoding="utf-8")
    assert_ours(project.run(studies=f"['{path}', '{other}']"), "small", "taken")


def test_an_unknown_setting_is_refused_with_the_nearest(project):
    project.write()
    assert_ours(project.run(result="out"), "result", "results")


def test_a_mistake_in_the_data_stops_its_study_and_no_other(project):
    panel = make_panel().astype({"sales": object})
    panel.loc[7, "sales"] = "n.a.?"
    good = project.write()
    bad_folder = project.folder / "bad"
    bad_folder.mkdir()
    for name in ("finance.csv", "small.yaml"):
        (bad_folder / name).write_bytes((project.folder / name).read_bytes())
    panel.to_csv(bad_folder / "账目.csv", index=False)
    bad = bad_folder / "bad.yaml"
    bad.write_text(STUDY.replace("name: small", "name: bad"), encoding="utf-8")
    done = project.run(studies=f"['{bad}', '{good}']")
    assert_ours(done, "账目.csv", "revenue", "n.a.?", "line 9")
    assert (project.results / "small/manifest.json").exists()
    assert not (project.results / "bad/panel/panel.parquet").exists()
    assert not (project.results / "bad/manifest.json").exists()

    panel.loc[7, "sales"] = 20
    panel.to_csv(bad_folder / "账目.csv", index=False)
    mended = project.run(studies=f"['{bad}', '{good}']")
    assert mended.returncode == 0, mended.stderr
    assert "n.a.?" not in mended.stderr
    assert (project.results / "bad/manifest.json").exists()

    panel.loc[7, "sales"] = "n.a.?"
    panel.to_csv(bad_folder / "账目.csv", index=False)
    assert_ours(project.run(studies=f"['{bad}', '{good}']"), "study bad", "n.a.?")
    left = {path.name for path in (project.results / "bad").iterdir()}
    assert not left & {"tables", "figures", "portable", "report", "manifest.json"}
    assert (project.results / "small/manifest.json").exists()


def test_a_table_that_asks_for_what_does_not_exist_leaves_no_table(project):
    project.write(STUDY.replace("columns: [gross_margin, effort, patents]", "columns: [gross_margin, efforts]"))
    assert_ours(project.run(), "described", "efforts")
    assert not (project.results / "small/tables").exists()
    assert not (project.results / "small/report/index.html").exists()
