"""A copy of the source tree and a small study, so that tests may edit and break both."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
TREE = ("Snakefile", "config.yaml", "requirements.lock", "workflow", "profiles", "src", "data", "studies")

STUDY = """\
name: small
title: {en: A small study, zh: 小型研究}
data:
  panel:
    source: 账目.csv
    columns: {firm: code, year: year(date), industry: sector, revenue: sales, cogs: costs, patents: patents}
    units: {revenue: 1000, cogs: 1000}
    keep: [effort]
    pad: {firm: 6}
  join:
    - {level: region, source: finance.csv, keys: {year: year}, columns: {digital_finance: index}}
population: {drop_if: ["revenue <= 0"]}
derive:
  ln_revenue: log(revenue)
index: {families: {squeeze: [margin_compression], crowding: [fragmentation]}, min_firms: 4}
variables:
  fragmentation_l1: lag(fragmentation_loo)
sample: {years: [2011, 2016]}
models:
  - {name: margins, formula: gross_margin ~ effort + ln_revenue | firm + year, cluster: firm}
  - {name: counts, estimator: poisson, formula: patents ~ effort + ln_revenue | industry + year, cluster: firm}
  - {name: crowding, formula: gross_margin ~ fragmentation_l1 | firm + year, cluster: industry, vcov: wild}
  - {name: nobody, formula: gross_margin ~ effort | firm, cluster: firm, where: effort > 1e6}
hypotheses:
  - name: H1
    statement: {en: Effort lowers margins, zh: 投入压低利润率}
    tests:
      - {model: margins, term: effort, sign: negative, by: romano_wolf}
      - {model: counts, term: effort, sign: positive, by: romano_wolf}
  - name: H2
    statement: Nobody can tell
    tests: [{model: nobody, term: effort, sign: negative}]
tables:
  - {name: first, title: {en: First table, zh: 第一张表}, models: [margins, counts, crowding, nobody]}
  - {name: described, kind: descriptives, columns: [gross_margin, effort, patents]}
figures:
  - {name: effects, kind: coefficients, models: [margins, counts], keep: [effort]}
  - {name: over_time, kind: time, column: fragmentation}
labels:
  effort: {en: "Effort <b>& cost</b>", zh: 努力}
"""


def make_panel() -> pd.DataFrame:
    """Sixty firms in eight industries over eight years; a fixed seed."""
    rng = np.random.default_rng(11)
    firms = np.repeat(np.arange(1, 61), 8)
    years = np.tile(np.arange(2010, 2018), 60)
    effort = rng.normal(size=480).round(4)
    sales = np.exp(rng.normal(3, 1, 480)).round(3)
    return pd.DataFrame(
        {
            "code": firms,
            "名称": [f"企业{firm}" for firm in firms],
            "date": [f"{year}-12-31" for year in years],
            "sector": [f"C{13 + firm % 8}" for firm in firms],
            "sales": sales,
            "costs": (sales * (0.7 + 0.02 * effort + rng.normal(0, 0.03, 480))).round(4),
            "patents": rng.poisson(np.exp(0.3 + 0.2 * effort)),
            "effort": effort,
        }
    )


@dataclass
class Project:
    """A copy of the source tree, and a folder with a study beside it."""

    root: Path
    folder: Path

    def write_study(self, text: str = STUDY) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def write(self, text: str = STUDY) -> Path:
        """The study and its data."""
        path = self.write_study(text)
        make_panel().to_csv(self.folder / "账目.csv", index=False, encoding="gb18030")
        years = pd.DataFrame({"year": range(2009, 2019), "index": range(100, 200, 10)})
        years.to_csv(self.folder / "finance.csv", index=False)
        return path

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def command(self, *arguments: str, cores: int = 2, studies: str = "", **config: object) -> list[str]:
        settings = {"studies": studies or str(self.folder / "small.yaml"), "results": str(self.results), **config}
        pairs = [f"{key}={value}" for key, value in settings.items()]
        return [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments, "--config", *pairs]

    def environment(self, hash_seed: int = 0) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.root / "src"), "PYTHONHASHSEED": str(hash_seed)}

    def run(
        self, *arguments: str, cores: int = 2, hash_seed: int = 0, studies: str = "", **config: object
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments, cores=cores, studies=studies, **config),
            cwd=self.root,
            env=self.environment(hash_seed),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def planned(self, **config: object) -> set[str]:
        """The rules that a run would execute now."""
        done = self.run("--dry-run", "--quiet", "host", **config)
        assert done.returncode == 0, done.stderr
        rules = {path.stem for path in (self.root / "workflow" / "scripts").glob("*.py")}
        words = [line.split() for line in (done.stdout + done.stderr).splitlines()]
        return {line[0] for line in words if len(line) == 2 and line[0] in rules and line[1].isdigit()}


def contents(folder: Path) -> dict[str, bytes]:
    """Result files by name: not logs, timings or hidden files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("[!.]*"))
        if path.is_file() and "logs" not in path.parts
    }


def copy_tree(target: Path) -> Path:
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)
    return target


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(copy_tree(tmp_path / "tree"), tmp_path / "my study")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small study, built once in two languages; not to be changed."""
    base = tmp_path_factory.mktemp("built")
    made = Project(copy_tree(base / "tree"), base / "study")
    made.write()
    done = made.run(languages="[en,zh]")
    assert done.returncode == 0, done.stderr
    return made
