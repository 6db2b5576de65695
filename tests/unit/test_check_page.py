"""The page on the check: its example gives what it prints, its keys and names are those of the code."""

import json
import re
from pathlib import Path

import pytest

from involution.cli import main
from involution.panel.suspicions.texts import suspicion_texts

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/check.md").read_text(encoding="utf-8")


def block(mark: str) -> str:
    (text,) = re.findall(rf"<!-- {mark} -->\n```\w*\n(.*?)```", PAGE, flags=re.S)
    return text


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    assert main(["simulate", str(folder / "raw"), "--firms", "480", "--seed", "1"]) == 0
    (folder / "pilots.csv").write_text(block("tested: pilots"), encoding="utf-8")
    (folder / "mine.yaml").write_text(block("tested"), encoding="utf-8")
    return str(folder / "mine.yaml")


def test_the_example_says_what_the_page_prints(example, capsys):
    assert main(["check", example]) == 0
    said = capsys.readouterr().out.splitlines()
    lines = block("tested: said").splitlines()
    places = [said.index(line) for line in lines]
    assert places == sorted(places)


def test_the_keys_of_json_are_those_of_the_page(example, capsys):
    assert main(["check", "--format", "json", example]) == 0
    (study,) = json.loads(capsys.readouterr().out)["studies"]
    table = PAGE.split("## Keys of")[1]
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", table, flags=re.M)
    named = {key: holds for keys, holds in rows for key in re.findall(r"`(\w+)`", keys)}
    assert set(study) == set(named)
    for key in ("found", "suspicious", "measures", "models"):
        part = study[key][0] if isinstance(study[key], list) else study[key]
        assert set(re.findall(r"`(\w+)`", named[key])) == set(part)


def test_the_suspicions_that_the_page_accepts_exist():
    assert set(re.findall(r"--accept ([a-z_]+)", PAGE)) <= set(suspicion_texts().index)
