"""What is done again after a change, and what a run that was killed leaves to the next one."""

import os
import signal
import subprocess
import time

import pytest

from .conftest import STUDY, Project, contents

EXHIBITS = {"tables", "figures", "portable", "report", "manifest"}
ESTIMATION = {"estimate", "gather_estimates", "scoreboard", *EXHIBITS}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    from .conftest import copy_tree

    base = tmp_path_factory.mktemp("reruns")
    made = Project(copy_tree(base / "tree"), base / "study")
    made.write()
    done = made.run()
    assert done.returncode == 0, done.stderr
    return made


def edited(project: Project, name: str, addition: str):
    """A change to a file of the source tree, and how to take it back."""
    path = project.root / name
    before = path.read_text(encoding="utf-8")
    path.write_text(before + addition, encoding="utf-8")
    return lambda: path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("title: {en: A small study", "title: {en: Another study", {"tables", "report", "manifest"}),
        ("title: {en: First table", "title: {en: The first table", {"tables", "portable", "report", "manifest"}),
        ("kind: time, column: fragmentation", "kind: time, column: hhi", {"figures", "tables", "report", "manifest"}),
        ("term: effort, sign: positive", "term: effort, sign: negative", {"scoreboard", *EXHIBITS}),
        ("effort + ln_revenue | industry + year", "effort | industry + year", ESTIMATION),
        ("min_firms: 4", "min_firms: 5", {"measure", "analysis_sample", *ESTIMATION}),
        ("years: [2011, 2016]", "years: [2011, 2015]", {"analysis_sample", *ESTIMATION}),
    ],
)
def test_editing_the_study_runs_what_depends_on_the_edit(project, old, new, rules):
    assert old in STUDY
    project.write_study(STUDY.replace(old, new))
    planned = project.planned()
    project.write_study()
    assert planned == rules


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("src/involution/exhibits/render/word.py", EXHIBITS - {"portable"}),
        ("src/involution/exhibits/report_assets/report.css", EXHIBITS - {"portable"}),
        ("src/involution/models/wild.py", ESTIMATION),
        ("src/involution/models/judged.py", {"scoreboard", *EXHIBITS} - {"portable"}),
        ("src/involution/measures/margins.py", {"measure", "analysis_sample", *ESTIMATION}),
        ("src/involution/panel/join.py", {"build_panel", "measure", "analysis_sample", *ESTIMATION}),
        ("src/involution/cli.py", set()),
    ],
)
def test_editing_a_module_runs_what_depends_on_it(project, module, rules):
    restore = edited(project, module, "\n# a change\n")
    planned = project.planned()
    restore()
    assert planned == rules


def test_a_setting_of_the_run_reaches_its_own_rules(project):
    assert project.planned(formats="[csv]") == {"tables", "report", "manifest"}
    assert project.planned(draws=199) == ESTIMATION


def test_a_file_that_changes_during_the_run_is_noticed(project):
    source = project.folder / "finance.csv"
    status, before = source.stat(), source.read_text()
    try:
        source.write_text(before.replace("100", "101"))
        os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
        done = project.run("--forcerun", "manifest")
        assert done.returncode != 0
        assert "finance.csv: the file changed during the run" in done.stderr
        assert not (project.results / "small/manifest.json").exists()
    finally:
        source.write_text(before)
        os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert project.run().returncode == 0


@pytest.mark.parametrize("marker", ["panel/panel.parquet", "estimates/models.parquet", "tables"])
def test_a_killed_run_started_again_ends_with_the_same_bytes(project, tmp_path, marker):
    undisturbed = contents(project.results)
    other = Project(project.root, project.folder)
    results = tmp_path / "results"
    run = subprocess.Popen(
        other.command(results=results),
        cwd=other.root,
        env=other.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (results / "small" / marker).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert not (results / "small/manifest.json").exists()
    done = other.run(results=results)
    assert done.returncode == 0, done.stderr
    assert contents(results) == undisturbed
