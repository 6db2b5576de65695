"""Settings of a run, from config.yaml and from the command line."""

from pathlib import Path

import pytest

from involution.errors import InputError
from involution.study import load_config
from involution.study.yaml12 import load_yaml

ROOT = Path(__file__).parents[3]


def mistakes(**values):
    with pytest.raises(InputError) as caught:
        load_config(values, "config")
    return {problem.where.removeprefix("config").removeprefix(": "): problem.what for problem in caught.value.problems}


def test_the_shipped_configuration_is_sound():
    config = load_config(load_yaml(ROOT / "config.yaml"))
    assert all((ROOT / path).is_file() for path in config.studies)


def test_the_default_seed_is_that_of_the_shipped_configuration():
    assert load_config({"studies": ["a.yaml"]}).seed == load_yaml(ROOT / "config.yaml")["seed"]


@pytest.mark.parametrize(("name", "shown"), [("/tmp/a{b", "'{'"), ("a<b>", "'<' and '>'")])
def test_a_folder_with_characters_that_are_not_allowed_says_which(name, shown):
    assert mistakes(studies="a.yaml", results=name) == {
        "results": f"found '{name}'; a folder of results may not hold {shown}"
    }


def test_defaults():
    config = load_config({"studies": ["a.yaml"]})
    assert (config.results, config.languages) == ("results", ["en"])
    assert config.formats == ["tex", "docx", "html", "md", "csv", "xlsx"]
    assert load_config({"studies": ["a.yaml"]}).formats is not config.formats


@pytest.mark.parametrize("path", ["one.yaml", "/a folder/我的, 研究.yaml", "one.yml"])
def test_one_study_may_be_a_plain_string(path):
    assert load_config({"studies": path}).studies == [path]


def test_commas_separate_on_the_command_line():
    config = load_config({"studies": "a.yaml", "formats": "tex, docx", "languages": "zh"})
    assert (config.formats, config.languages) == (["tex", "docx"], ["zh"])


@pytest.mark.parametrize(
    ("key", "nearest"), [("result", "results"), ("study", "studies"), ("format", "formats"), ("sed", "seed")]
)
def test_an_unknown_key_names_the_nearest(key, nearest):
    assert mistakes(studies=["a.yaml"], **{key: "x"}) == {
        key: f"unknown key '{key}'; the nearest known key is '{nearest}'"
    }


def test_all_mistakes_are_told_together():
    found = mistakes(studies=[], seed="x", draws=1, formats=["pdf"], languages="fr", results="", cores=2)
    assert set(found) == {"studies", "seed", "draws", "formats[0]", "languages[0]", "results", "cores"}
    assert found["seed"] == "found 'x'; expected a whole number"


def test_studies_are_required():
    assert mistakes() == {"studies": "this key is required"}
    assert set(mistakes(studies=None)) == {"studies"}


def test_numbers_from_the_command_line_and_of_yaml():
    config = load_config({"studies": "a.yaml", "seed": "7", "draws": 1e3})
    assert (config.seed, config.draws) == (7, 1000)
    assert set(mistakes(studies="a.yaml", seed=-1)) == {"seed"}
    assert set(mistakes(studies="a.yaml", seed=1.5)) == {"seed"}


def test_full_draws_are_all_of_them_everywhere():
    config = load_config({"studies": "a.yaml", "draws": "full"})
    assert (config.draws, config.number_of_draws) == ("full", 9_999)
    assert load_config({"studies": "a.yaml", "draws": 199}).number_of_draws == 199
    assert "draws" in mistakes(studies="a.yaml", draws="fullest")


def test_what_either_kind_of_value_would_have_to_be_is_one_sentence():
    assert mistakes(studies="a.yaml", draws="fullest") == {
        "draws": "found 'fullest'; expected a whole number, or 'full'; the nearest is 'full'"
    }
