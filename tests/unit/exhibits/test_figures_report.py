"""Figures and the report."""

import base64
import hashlib
import html.parser
import itertools
import re
from dataclasses import replace
from urllib.parse import unquote

import pandas as pd
import pytest
from matplotlib import font_manager

from involution.errors import InputError
from involution.exhibits.chapter import PARTS, part_of_table, rows_of
from involution.exhibits.coefficients import coefficients, coefficients_in_words
from involution.exhibits.drawing import CHINESE_FONTS, look
from involution.exhibits.figures import build_figures
from involution.exhibits.labels import Labels
from involution.exhibits.report import build_report
from involution.study import parse_study
from involution.study.base import Bilingual
from involution.study.figures import Figure
from involution.study.tables import Table

from .conftest import DICTIONARY, HOSTILE

FIGURES = [
    Figure(name="coefficients", kind="coefficients", keep=["x"]),
    Figure(name="over_time", kind="time", column="x"),
    Figure(name="spread", kind="distribution", columns=["x", "w"]),
]


@pytest.fixture(scope="module")
def drawn(results, analysis):
    return build_figures(FIGURES, {}, results, analysis, DICTIONARY, languages=["en"])


def test_each_figure_has_pdf_png_and_data(drawn):
    assert sorted(drawn) == sorted(f"{f.name}.{kind}" for f in FIGURES for kind in ("pdf", "png", "csv"))
    assert drawn["spread.png"].startswith(b"\x89PNG")
    assert drawn["spread.pdf"].startswith(b"%PDF")


def test_figures_are_the_same_bytes_every_time(drawn, results, analysis):
    assert build_figures(FIGURES, {}, results, analysis, DICTIONARY, languages=["en"]) == drawn


def test_the_data_behind_a_plot_are_the_estimates(drawn, results):
    import io

    data = pd.read_csv(io.BytesIO(drawn["coefficients.csv"]))
    expected = results.estimates.query("term == 'x'").dropna(subset=["estimate"])
    pd.testing.assert_series_equal(data["estimate"], expected["estimate"].reset_index(drop=True), check_exact=True)


@pytest.mark.parametrize(
    "figure",
    [
        Figure(name="f", kind="time", column="nowhere"),
        Figure(name="f", kind="time"),
        Figure(name="f", kind="distribution", columns=["industry"]),
    ],
)
def test_figures_of_what_does_not_exist_are_refused(results, analysis, figure):
    with pytest.raises(InputError, match="figure 'f'"):
        build_figures([figure], {}, results, analysis, DICTIONARY, languages=["en"])


def many_terms(results):
    """Two linear models with 15 terms and a Poisson model."""
    one = results.estimates.query("model == 'first'").iloc[[0]]
    rows = [one.assign(model=m, term=f"t{k}") for m in ("a", "b") for k in range(15)]
    return pd.concat([*rows, one.assign(model="p", estimator="poisson", term="t0")], ignore_index=True)


def test_a_coefficient_plot_keeps_the_first_terms_and_splits_families(results):
    figure = Figure(name="f", kind="coefficients")
    data, draw = coefficients(figure, many_terms(results), Labels("en"))
    assert len(data) == 31
    drawing = draw()
    linear, poisson = drawing.axes
    assert [tick.get_text() for tick in linear.get_yticklabels()] == [f"t{k}" for k in range(12)]
    assert linear.get_title() == "Linear; first 12 of 15 terms"
    assert poisson.get_title() == "Poisson"
    assert len(poisson.get_yticklabels()) == 1
    assert "first 12 of 15 terms" in coefficients_in_words(figure, many_terms(results), Labels("en"))


def test_terms_named_by_the_figure_are_all_drawn(results):
    figure = Figure(name="f", kind="coefficients", keep=[f"t{k}" for k in range(14)], models=["a"])
    _, draw = coefficients(figure, many_terms(results), Labels("en"))
    (axes,) = draw().axes
    assert len(axes.get_yticklabels()) == 14
    assert axes.get_title() == ""


def test_looks_do_not_repeat():
    assert len({tuple(look(k).items()) for k in range(144)}) == 144


def test_chinese_texts_in_english_figures_have_their_characters(results, analysis, recwarn):
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    if not known & set(CHINESE_FONTS):
        pytest.skip("no font with Chinese characters")
    own = {"x": Bilingual(en="研发投入", zh="研发投入")}
    named = replace(results, estimates=results.estimates.assign(model="组[国有]"))
    build_figures(FIGURES, own, named, analysis, DICTIONARY, languages=["en"])
    assert not [warning for warning in recwarn if "lyph" in str(warning.message)]


class Outline(html.parser.HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(results, analysis, drawn):
    study = parse_study(
        {
            "name": "made_up",
            "title": HOSTILE,
            "data": {"panel": {"source": "x.csv", "columns": {"firm": "f", "year": "y"}}},
            "models": [{"name": "first", "formula": "y ~ x | firm", "cluster": "firm"}],
            "tables": [{"name": "t", "models": ["first"]}],
            "figures": [figure.model_dump(mode="json") for figure in FIGURES],
        }
    )
    panel = {
        "rows_read": 210,
        "sources": [{"source": "x.csv", "sha256": "0" * 64, "encoding": "gb18030", "rows": 210}],
        "steps": [{"step": "filter a < b", "rows_before": 210, "rows_dropped": 10, "rows_after": 200}],
        "negative": {"revenue": 1234},
        "regions": {"codes": "current", "recoded_rows": 2345, "split": {"341400": 12}},
        "joins": [{"sources": ["j.csv"], "matched_rows": 5, "unmatched_panel_rows": 6, "unmatched_file_rows": 7}],
        "industries": {"switchers": 0},
        "events": {
            "passive": 3,
            "active": 1,
            "raters": 2,
            "agreement": {"novelty": 0.8123, "disruption": None},
            "unmatched_industries": ["C99"],
            "unmatched_regions": ["510000"],
        },
        "shape": {"rows": 200, "firms": 40, "years": [2010, 2014], "industries": 8},
    }
    pictures = {figure.name: drawn[f"{figure.name}.png"] for figure in FIGURES}
    return build_report(study, results, panel, analysis, DICTIONARY, pictures, language="en", seed=7).decode()


def test_the_report_needs_nothing_beside_itself(page):
    outline = Outline()
    outline.feed(page)
    sources = [attrs.get("src", "") for _, attrs in outline.tags if "src" in attrs]
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert not [tag for tag, _ in outline.tags if tag in ("link", "iframe", "object", "base")]
    assert "http:" not in re.sub(r"base64,[^\"]*", "", page)
    assert "https:" not in re.sub(r"base64,[^\"]*", "", page)


def test_the_policy_of_the_report_allows_its_own_style_and_script_alone(page):
    allowed = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)[1]
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", page, flags=re.S)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}';" in allowed
    assert "default-src 'none'; img-src data:;" in allowed
    assert "unsafe" not in allowed
    outline = Outline()
    outline.feed(page)
    assert not [name for _, attrs in outline.tags for name in attrs if name == "style" or name.startswith("on")]


def test_every_link_of_the_report_to_itself_leads_somewhere(page):
    outline = Outline()
    outline.feed(page)
    names = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(names) == len(set(names))
    assert not [name for name in names if re.search(r"\s", name)]
    inside = [attrs["href"][1:] for tag, attrs in outline.tags if tag == "a" and attrs["href"].startswith("#")]
    referred = [attrs[key] for _, attrs in outline.tags for key in ("aria-describedby", "data-of") if key in attrs]
    assert {unquote(link) for link in inside} | set(referred) <= set(names)
    assert any(link.startswith("model-") for link in inside)


def test_the_report_is_accessible(page):
    outline = Outline()
    outline.feed(page)
    assert ("html", {"lang": "en"}) in outline.tags
    assert all(attrs.get("alt") for tag, attrs in outline.tags if tag == "img")
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_the_report_accounts_for_rows_and_links_its_data(page):
    for text in ("210", "filter a &lt; b", "gb18030", "../tables/t.csv", "../figures/spread.csv", "rule tables"):
        assert text in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_the_report_counts_changed_codes_and_negative_amounts(page):
    for text in (
        "<dt>Rows whose region code was brought to the latest</dt><dd>2,345</dd>",
        "<dt>Rows of regions that have been divided</dt><dd>341400: 12</dd>",
        ": 1,234</dd>",
    ):
        assert text in page


def test_the_report_says_how_far_raters_agree_where_there_are_events(page):
    for text in (
        "Policy events",
        "<td>Novelty</td><td>0.812</td>",
        "<td>Disruption</td><td></td>",
        "<dd>C99, 510000</dd>",
    ):
        assert text in page


def test_each_table_is_titled_once(page):
    assert "<caption>" not in page
    assert page.count('id="title-t">Regressions<') == 1
    assert page.count('<a href="#table-t">Regressions</a>') == 2  # in the contents and at the head of its part
    assert 'aria-labelledby="title-t"' in page


def test_the_report_has_the_order_of_a_chapter_and_cites_its_rows(page):
    heads = re.findall(r'<section id="(\w+)"><h2>', page)
    chapter = [head for head in heads if head in PARTS]
    assert chapter == [part for part in PARTS if part in chapter]
    assert {"data", "baseline"} <= set(chapter)
    for part in chapter:
        assert f'href="#{part}"' in page
    assert "rows of estimates.csv, by block and model" in page
    assert "<code>first</code>" in page


def test_a_table_cites_the_models_that_it_shows():
    models = [("models", "a"), ("models", "a[g]"), ("models", "ab"), ("moderation", "w"), ("moderation", "w_iv")]
    estimates = pd.DataFrame(models, columns=["block", "model"]).assign(estimator="ols")
    cases = [
        (Table(name="t", models=["a"]), ["a", "a[g]"], "baseline"),
        (Table(name="t"), ["a", "a[g]", "ab"], "baseline"),
        (Table(name="t", kind="moderation", models=["w"]), ["w", "w_iv"], "further"),
        (Table(name="t", kind="moderation"), ["w", "w_iv"], "further"),
        (Table(name="t", kind="descriptives"), [], "data"),
    ]
    for table, shown, part in cases:
        assert rows_of(table, estimates)["model"].tolist() == shown
        assert part_of_table(table, estimates) == part
