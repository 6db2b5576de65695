"""A small study that was estimated, with its tables and numbers in a folder, and papers made of them."""

import io

import docx
import numpy as np
import pandas as pd
import pytest

from involution.audit.verify import verify_paper
from involution.exhibits.numbers_files import numbers_in
from involution.exhibits.regression import Results
from involution.exhibits.tables import build_tables
from involution.models.blocks import run_models
from involution.study.models import Model
from involution.study.tables import Table
from tests.unit.exhibits.conftest import DICTIONARY

MODELS = [
    Model(name="plain", formula="y ~ x | firm", cluster=["firm"]),
    Model(name="both", formula="y ~ x + w | firm", cluster=["firm"]),
    Model(name="full", formula="y ~ x + w + x:w | firm + year", cluster=["industry"]),
    Model(name="other", formula="w ~ x | year", cluster=["firm"]),
]
TABLES = [
    Table(name="main", models=["plain", "both", "full"]),
    Table(name="further", models=["other", "full"], digits=2),
    Table(name="described", kind="descriptives", columns=["x", "w", "y"]),
]


def panel(seed):
    random = np.random.default_rng(seed)
    firm = np.repeat(np.arange(60), 5)
    x, w = random.normal(size=300), random.normal(size=300)
    y = 0.6 * x - 0.25 * w + random.normal(size=60)[firm] + random.normal(size=300)
    frame = pd.DataFrame({"firm": [f"f{k:02d}" for k in firm], "year": np.tile(np.arange(2010, 2015), 60)})
    return frame.assign(industry=[f"i{k % 12}" for k in firm], x=x, w=w, y=y, in_sample=True)


def run(folder, seed):
    """Results of a study in a folder, as a run leaves them."""
    data = panel(seed)
    block = run_models(MODELS, data, study="made_up", dictionary=DICTIONARY)
    sample = {"sample_rows": 300, "sample_firms": 60, "steps": [], "winsorised": {}}
    results = Results(block.estimates, block.statistics, block.notes, pd.DataFrame(), sample)
    formats = ["tex", "docx", "md", "csv"]
    files = build_tables(TABLES, [], {}, results, data, DICTIONARY, formats=formats, languages=["en", "zh"])
    for name, content in files.items():
        path = folder / "tables" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return run(tmp_path_factory.mktemp("results"), 3)


@pytest.fixture(scope="session")
def later(tmp_path_factory):
    """The same study on other data."""
    return run(tmp_path_factory.mktemp("later"), 4)


@pytest.fixture(scope="session")
def numbers(folder):
    return {(one.model, one.term or one.statistic, one.what): one for one in numbers_in(folder).every}


@pytest.fixture(scope="session")
def prose(numbers):
    """Sentences about the results, in English and Chinese, with whatever else a paper counts."""

    def shown(model, term, what="estimate", digits=3, factor=1):
        return f"{factor * numbers[model, term, what].value:.{digits}f}"

    both, error = shown("both", "x", digits=4), shown("both", "x", "std_error", digits=4)
    wide, wide_error = shown("both", "w", digits=4).replace("-", "－"), shown("both", "w", "std_error", digits=4)
    hundred = shown("both", "x", digits=2, factor=100)
    starred = f"{shown('plain', 'x')}*** ({shown('plain', 'x', 'std_error')})"
    return (
        f"Column (2) of Table 1 has {both} (s.e. {error}, p < 0.01); see Section 3.2 and Smith (2013).",
        f"With 300 firm-years, 2010-2014, the coefficient is {starred}.",
        f"A unit more of x goes with {hundred} % more; at the 5 % level, winsorised at 1 %.",
        f"第（２）列的系数为{wide}（标准误{wide_error}），在1%水平上显著，样本期为2010—2014年。",
        f"The interval is [{shown('full', 'x', 'ci_low', 5)}, {shown('full', 'x', 'ci_high', 5)}] in all 3 industries.",
    )


@pytest.fixture(scope="session")
def markdown(folder, prose):
    tables = [
        (folder / "tables" / f"{name}.md").read_text(encoding="utf-8") for name in ("main", "further", "described")
    ]
    return "\n\n".join(["# 1 Results", *prose, *tables])


@pytest.fixture
def audited(folder, tmp_path):
    """What is found wrong in a paper, given as text or as bytes."""

    def audit(content, suffix=".md", previous=None, results=None):
        path = tmp_path / f"paper{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return verify_paper(str(path), str(results or folder), None if previous is None else str(previous))

    return audit


def in_word(folder, prose, change=None):
    """A Word document of the prose and the tables as they come, after a change of its cells."""
    document = docx.Document(io.BytesIO((folder / "tables/main.docx").read_bytes()))
    for sentence in prose:
        document.add_paragraph(sentence)
    for name in ("further", "described"):
        other = docx.Document(io.BytesIO((folder / f"tables/{name}.docx").read_bytes()))
        for element in list(other.element.body)[:-1]:
            document.element.body.insert(len(document.element.body) - 1, element)
    if change:
        change(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()
