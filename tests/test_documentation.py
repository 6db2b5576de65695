"""What the pages tell users to write is what works; every link of a page leads somewhere."""

import re
import tempfile
from pathlib import Path

import pytest

import involution as inv
from involution.errors import InputError
from involution.measures import registry
from involution.study import parse_study
from involution.study.yaml12 import load_yaml

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "data/README.md"]


def parsed(text: str):
    """Plain data as a study file's loader reads them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "piece.yaml"
        path.write_text(text, encoding="utf-8")
        return load_yaml(path)


def alone(study: dict) -> dict:
    """A study without what names the models of its sections."""
    return {name: part for name, part in study.items() if name not in ("tables", "figures", "truth", "hypotheses")}


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"<!-- tested -->\n```{language}\n(.*?)```", text, flags=re.S)


def test_the_study_of_the_readme_is_sound():
    (text,) = blocks("README.md", "yaml")
    assert len(text.splitlines()) <= 10
    assert "skip_rows: [2, 3]" in text
    study = parse_study(parsed(text))
    assert [model.name for model in study.models] == ["margins"]


def test_the_notebook_example_of_the_readme_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (code,) = blocks("README.md", "python")
    exec(code, {})
    assert "x1" in capsys.readouterr().out


def test_the_measure_of_the_contributing_page_registers_and_passes_its_test():
    code, test = blocks("CONTRIBUTING.md", "python")
    space: dict = {}
    try:
        exec(code, space)
        assert "inventory_share" in registry.REGISTRY
        exec(test, space)
        space["test_inventory_share_is_missing_without_assets"]()
    finally:
        registry.REGISTRY.pop("inventory_share", None)


def test_the_template_is_sound():
    study = inv.load_study(ROOT / "studies/template.yaml")
    given = parsed((ROOT / "studies/template.yaml").read_text(encoding="utf-8"))
    assert set(given) >= {name for name, _ in type(study).model_fields.items()}


def test_the_hypotheses_of_their_page_are_sound():
    (text,) = blocks("docs/hypotheses.md", "yaml")
    study = (ROOT / "studies/sme_simulated.yaml").read_text(encoding="utf-8")
    stated = parse_study({**parsed(study), **parsed(text)}).hypotheses
    assert [asked.name for asked in stated] == ["H1", "H2a", "H2c", "H2x"]


def test_the_dynamic_panel_of_its_page_is_sound():
    text = (ROOT / "docs/dynamic-panel.md").read_text(encoding="utf-8")
    (piece,) = re.findall(r"<!-- tested: dynamic -->\n```yaml\n(.*?)```", text, flags=re.S)
    study = (ROOT / "studies/sme_simulated.yaml").read_text(encoding="utf-8")
    (asked,) = parse_study({**alone(parsed(study)), **parsed(piece)}).endogeneity
    assert asked.method == "dynamic"


def test_the_rehearsal_of_its_page_is_sound():
    (text,) = blocks("docs/rehearsal.md", "yaml")
    study = parsed((ROOT / "studies/sme_simulated.yaml").read_text(encoding="utf-8"))
    asked = parse_study({**alone(study), **parsed(text)}).rehearsal
    assert (asked.draws, asked.models, asked.mediations) == (500, ["baseline_rd_intensity"], ["channels"])


@pytest.mark.parametrize("page", ["docs/omitted-variables.md", "docs/matching.md"])
def test_the_items_of_the_section_endogeneity_are_sound(page):
    study = parsed((ROOT / "studies/sme_simulated.yaml").read_text(encoding="utf-8"))
    found = blocks(page, "yaml")
    assert found
    for text in found:
        assert parse_study({**alone(study), **parsed(text)}).endogeneity


def test_the_pieces_of_the_own_data_page_make_one_sound_study():
    text = (ROOT / "docs/own-data.md").read_text(encoding="utf-8")
    pieces = re.findall(r"```yaml\n(.*?)```", text, flags=re.S)
    study = parse_study({"name": "mine", **parsed("\n".join(pieces))})
    assert [model.name for model in study.models] == ["base", "counts"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_that_exist(page):
    text = page.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in text.splitlines()}
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("http"):
            continue
        name, _, anchor = link.partition("#")
        assert not name or (page.parent / name).exists(), link
        assert name or anchor in headings, link


def test_make_tasks_named_in_pages_exist():
    tasks = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    for page in PAGES:
        assert set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.M)) <= tasks, page


def test_examples_in_docstrings_run():
    import doctest
    import importlib
    import pkgutil

    import pandas as pd

    import involution

    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(involution.__path__, "involution.")
    ]
    with pd.option_context("display.width", 120):
        results = {module.__name__: doctest.testmod(module) for module in modules}
    assert sum(result.attempted for result in results.values()) >= 40
    assert [name for name, result in results.items() if result.failed] == []


def test_a_misspelt_key_of_the_readme_study_is_refused():
    (text,) = blocks("README.md", "yaml")
    with pytest.raises(InputError, match="variables"):
        parse_study(parsed(text.replace("variables", "variabels")))
