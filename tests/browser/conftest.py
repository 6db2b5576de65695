"""A small study's report in two languages, and the system's Chromium to read it with."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from involution.exhibits.columns import Results
from involution.exhibits.figures import build_figures
from involution.exhibits.report import build_reports
from involution.exhibits.tables import build_tables
from involution.files import write_bytes
from involution.models.blocks import run_models
from involution.study import parse_study

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STUDY = {
    "name": "small",
    "title": {"en": "A small study", "zh": "一项小研究"},
    "data": {"panel": {"source": "x.csv", "columns": {"firm": "f", "year": "y"}, "keep": ["w"]}},
    "variables": {"effort_l1": "lag(effort)"},
    "models": [
        {"name": "first", "formula": "y ~ effort_l1 | firm", "cluster": "firm"},
        {"name": "second", "formula": "y ~ effort_l1 + w + effort_l1:w | firm", "cluster": "firm", "by": "owner"},
    ],
    "tables": [
        {"name": "described", "kind": "descriptives", "columns": ["w", "effort_l1", "y"]},
        {"name": "related", "kind": "correlation", "columns": ["w", "effort_l1", "y"]},
        {"name": "regressed", "title": {"en": "The effect of effort", "zh": "投入的效应"}},
    ],
    "figures": [{"name": "coefficients", "kind": "coefficients"}],
    "labels": {"y": {"en": "Outcome", "zh": "结果"}, "w": {"en": "=Width", "zh": "=宽度"}},
}
PANEL = {
    "rows_read": 200,
    "sources": [
        {"source": "b.csv", "sha256": "0" * 64, "encoding": "gb18030", "rows": 20},
        {"source": "a.csv", "sha256": "1" * 64, "encoding": "utf-8", "rows": 1000},
        {"source": "c.csv", "sha256": "2" * 64, "encoding": "utf-8", "rows": 100},
    ],
    "steps": [{"step": "read", "rows_before": 200, "rows_dropped": 0, "rows_after": 200}],
    "joins": [],
    "shape": {"rows": 200, "firms": 40, "years": [2010, 2014]},
}
DICTIONARY = pd.DataFrame(
    {
        "name": ["effort"],
        "label_en": ["Effort"],
        "label_zh": ["投入强度"],
        "formula": ["spending / revenue"],
        "unit": ["share"],
        "coverage": ["firm"],
        "level": ["firm"],
        "leave_one_out": [False],
        "available": [True],
        "reason": [""],
    }
)


def rows() -> pd.DataFrame:
    random = np.random.default_rng(3)
    firm = np.repeat(np.arange(40), 5)
    effort, w = random.normal(size=200), random.normal(size=200)
    return pd.DataFrame(
        {
            "firm": [f"f{k:02d}" for k in firm],
            "year": np.tile(np.arange(2010, 2015), 40),
            "owner": np.where(firm % 2, "国有", "民营"),
            "effort_l1": effort,
            "w": w,
            "y": effort - 0.5 * w + random.normal(size=40)[firm] + random.normal(size=200),
            "in_sample": True,
        }
    )


@pytest.fixture(scope="session")
def report(tmp_path_factory) -> Path:
    """The folder of the report, its tables beside it; both pages have the English picture, which needs no font."""
    study, analysis = parse_study(STUDY), rows()
    block = run_models(study.models, analysis, study="small", dictionary=DICTIONARY)
    sample = {"sample_rows": 200, "sample_firms": 40, "steps": []}
    results = Results(block.estimates, block.statistics, block.notes, pd.DataFrame(), sample)
    drawn = build_figures(study.figures, study.labels, results, analysis, DICTIONARY, languages=["en"])
    pictures = {**drawn, **{f"zh/{name}": content for name, content in drawn.items()}}
    pages = build_reports(study, results, PANEL, analysis, DICTIONARY, pictures, languages=["en", "zh"], seed=7)
    tables = build_tables(
        study.all_tables,
        study.formulas,
        study.labels,
        results,
        analysis,
        DICTIONARY,
        formats=["csv"],
        languages=["en", "zh"],
    )
    folder = tmp_path_factory.mktemp("结果 results")
    for name, content in pages.items():
        write_bytes(folder / "report" / name, content)
    for name, content in tables.items():
        write_bytes(folder / "tables" / name, content)
    return folder / "report"


@pytest.fixture(scope="session")
def browser():
    program = next((found for found in map(shutil.which, NAMES) if found), None)
    if program is None:
        pytest.skip("no Chromium on this machine: install it (Debian: apt-get install chromium) to run these tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


class Reader:
    """Opens pages of the report, and keeps what they ask for and complain of."""

    def __init__(self, browser, folder: Path):
        self.browser, self.folder = browser, folder
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.contexts = []

    def open(self, page: str = "index.html", *, width: int = 1400, permissions=(), **settings):
        context = self.browser.new_context(viewport={"width": width, "height": 900}, **settings)
        self.contexts.append(context)
        if permissions:
            context.grant_permissions(list(permissions))
        opened = context.new_page()
        opened.on("request", lambda request: self.requests.append(request.url))
        opened.on("console", lambda message: self.complaints.append(message.text))
        opened.on("pageerror", lambda error: self.complaints.append(str(error)))
        opened.goto((self.folder / page).as_uri())
        return opened


@pytest.fixture
def reader(browser, report):
    """Whatever a test does, the page asks for nothing outside itself and has nothing to complain of."""
    made = Reader(browser, report)
    yield made
    for context in made.contexts:
        context.close()
    assert made.requests
    assert [url[:80] for url in made.requests if not url.startswith(("file:", "data:"))] == []
    assert made.complaints == []
