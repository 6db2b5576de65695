"""The report as its readers meet it: by eye, by ear, by keyboard, on paper, without its script."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

PAGES = ("index.html", "zh/index.html")
OPEN_MODELS = "all => all.filter(one => one.open).map(one => one.id)"


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_stands_in_the_way_of_assistive_technology(reader, name, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = reader.open(name, width=width, color_scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    page.locator("a.term").first.focus()
    assert page.locator("#tooltip").is_visible()
    page.fill("#query", "y")
    found = Axe().run(page).response
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]] == []
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_page_is_not_wider_than_its_window(reader, name):
    page = reader.open(name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.locator("#contents ul").first.is_visible()
    page.click("#contents summary")
    assert page.locator("#contents ul").first.is_visible()


def test_the_contents_stay_in_sight_and_follow_the_reader(reader):
    page = reader.open()
    page.evaluate("document.querySelector('#measures').scrollIntoView()")
    expect(page.locator("#contents [aria-current]")).to_have_attribute("href", "#measures")
    assert page.locator("#contents").bounding_box()["y"] >= 0
    assert page.locator("#contents").bounding_box()["y"] < 900


@pytest.mark.parametrize(
    "name, words, first, kind",
    [
        ("index.html", "effect EFFORT", "The effect of effort", "Table"),
        ("index.html", "second 国有", "second[国有]", "Model"),
        ("index.html", "spending / revenue", "Effort", "Variable"),
        ("zh/index.html", "投入的效应", "投入的效应", "表"),
        ("zh/index.html", "second 国有", "second[国有]", "模型"),
    ],
)
def test_search_finds_exhibits_models_and_variables(reader, name, words, first, kind):
    page = reader.open(name)
    page.fill("#query", words)
    head = page.locator("#found a").first
    assert head.inner_text().split("\n") == [first, kind]
    assert page.locator("#said").inner_text().startswith(("1 ", "2 ", "3 ", "4 ", "找到"))
    head.click()
    assert page.locator(":target").count() == 1
    if kind in ("Model", "模型"):
        assert page.locator(":target").evaluate("target => target.open")


def test_a_search_for_nothing_known_says_so(reader):
    page = reader.open()
    page.fill("#query", "zzz")
    assert page.locator("#found a").count() == 0
    assert page.locator("#said").inner_text() == "0 found"


def column(page, table: str, position: int) -> list[str]:
    return page.locator(f"{table} tbody tr > :nth-child({position})").all_inner_texts()


def test_plain_tables_sort_by_number_and_by_word_and_back(reader):
    page = reader.open()
    button = page.get_by_role("button", name="Sort by Rows read")
    head = page.locator("#data-sources th", has=button)
    seen = []
    for _ in range(3):
        button.click()
        seen.append((head.get_attribute("aria-sort"), column(page, "#data-sources", 2)))
    assert seen == [
        ("ascending", ["20", "100", "1,000"]),
        ("descending", ["1,000", "100", "20"]),
        (None, ["20", "1,000", "100"]),
    ]
    page.get_by_role("button", name="Sort by Source").click()
    assert column(page, "#data-sources", 1) == ["a.csv", "b.csv", "c.csv"]


def test_negative_numbers_sort_as_numbers(reader):
    page = reader.open()
    page.locator("#table-described").get_by_role("button", name="Sort by Min").click()
    shown = [float(text.replace("−", "-")) for text in column(page, "#table-described", 5)]
    assert shown == sorted(shown)
    assert shown[0] < 0


def test_tables_whose_rows_belong_together_do_not_sort(reader):
    page = reader.open()
    assert page.locator("#table-described button.sort").count() == 9
    for name in ("regressed", "related"):
        assert page.locator(f"#table-{name} table").count() == 1
        assert page.locator(f"#table-{name} button.sort").count() == 0


def copied(page, table: str) -> str:
    page.locator(f"{table} button.copy").click()
    expect(page.locator("#said")).to_have_text(re.compile("Copied|已复制"))
    return page.evaluate("navigator.clipboard.readText()")


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_copies_are_comma_separated_and_hold_no_formula(reader):
    page = reader.open(permissions=("clipboard-read", "clipboard-write"))
    page.get_by_role("button", name="Sort by Rows read").click()
    sources = read(copied(page, "#data-sources"))
    assert sources[0] == ["Source", "Rows read", "Encoding", "SHA-256"]
    assert [row[1] for row in sources[1:]] == ["20", "100", "1,000"]
    described = read(copied(page, "#table-described"))
    assert "'=Width" in [row[0] for row in described]
    assert all(float(row[4]) < 0 for row in described[1:])


@pytest.mark.parametrize("name, file", [("index.html", "regressed.csv"), ("zh/index.html", "zh/regressed.csv")])
def test_a_copied_regression_table_is_its_file(reader, report, name, file):
    page = reader.open(name, permissions=("clipboard-read", "clipboard-write"))
    written = (report.parent / "tables" / file).read_text(encoding="utf-8-sig")
    assert written.count("\n") > 10
    assert copied(page, "#table-regressed") == written


def test_where_the_browser_has_no_clipboard_copying_still_works(reader):
    page = reader.open(permissions=("clipboard-read", "clipboard-write"))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    assert copied(page, "#data-versions").startswith("Package,Version\n")


def test_definitions_show_on_hover_and_on_focus_and_leave_on_escape(reader):
    page = reader.open()
    tip, term = page.locator("#tooltip"), page.locator("#table-regressed a.term", has_text="Effort").first
    described = page.locator(f"[id='{term.get_attribute('aria-describedby')}']")
    assert described.inner_text() == "lag(effort)"
    term.hover()
    assert "lag(effort)" in tip.inner_text()
    tip.hover()
    page.wait_for_timeout(400)
    assert tip.is_visible()
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    term.focus()
    assert tip.is_visible()
    box = tip.bounding_box()
    assert 0 <= box["x"] <= 1400 - box["width"]


def test_the_theme_follows_the_system_until_it_is_chosen_and_is_remembered(reader):
    page = reader.open(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    assert page.locator("#theme").get_attribute("aria-pressed") == "true"
    page.click("#theme")
    assert page.evaluate(ground) == "rgb(255, 255, 255)" != dark
    page.reload()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.locator("#theme").get_attribute("aria-pressed") == "false"


def test_everything_can_be_done_by_keyboard(reader):
    page = reader.open()
    focused = "document.activeElement.id || document.activeElement.textContent"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "content"
    page = reader.open()
    seen = []
    while "query" not in seen and len(seen) < 10:
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focused))
    assert seen[-3:] == ["中文", "theme", "query"]
    page.keyboard.insert_text("second[国有]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("details.model").evaluate_all(OPEN_MODELS) == ["model-second-5b-国有-5d-"]
    page.locator("#query").focus()
    page.keyboard.press("Escape")
    assert page.locator("#found a").count() == 0
    sort = page.get_by_role("button", name="Sort by Rows read")
    sort.focus()
    page.keyboard.press("Enter")
    assert column(page, "#data-sources", 2) == ["20", "100", "1,000"]
    assert page.locator(":focus").get_attribute("aria-label") == "Sort by Rows read"


def test_languages_link_to_each_other(reader):
    page = reader.open()
    page.get_by_role("link", name="中文").click()
    assert page.locator("h1").inner_text() == "一项小研究"
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("link", name="English").click()
    assert page.locator("h1").inner_text() == "A small study"


def test_tables_link_to_their_file_in_the_language_of_the_page(reader, report):
    for name, file in zip(PAGES, ("regressed.csv", "zh/regressed.csv"), strict=True):
        page = reader.open(name)
        link = page.locator("#table-regressed .made a").first.get_attribute("href")
        assert (report / name).parent.joinpath(link).samefile(report.parent / "tables" / file)


def test_a_link_to_a_model_opens_its_card(reader):
    page = reader.open()
    page.locator("#data-models a", has_text="first").click()
    card = page.locator("#model-first")
    expect(card).to_contain_text("y ~ effort_l1 | firm", use_inner_text=True)
    expect(card).to_contain_text("200", use_inner_text=True)


def test_on_paper_everything_is_open_and_nothing_can_be_pressed(reader):
    page = reader.open(color_scheme="dark")
    page.emulate_media(media="print")
    for chrome in (".side", ".switches", "button >> nth=0", ".tools >> nth=0"):
        assert page.locator(chrome).first.is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(page.locator("details.model").evaluate_all(OPEN_MODELS)) == 3
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.model").evaluate_all(OPEN_MODELS) == []
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("name", PAGES)
def test_without_its_script_the_page_is_all_there(reader, name):
    page = reader.open(name, java_script_enabled=False)
    for part in (
        "#contents ul ul a >> nth=0",
        "#table-regressed table",
        "#figure-coefficients img",
        "#data-models table",
    ):
        assert page.locator(part).is_visible()
    for part in ("#query", "#theme", "button.copy >> nth=0", "#tooltip"):
        assert page.locator(part).is_hidden()
    assert page.locator("button.sort").count() == 0
    page.locator("#model-first summary").click()
    assert "y ~ effort_l1 | firm" in page.locator("#model-first").inner_text()
    page.locator("#table-regressed a.term").first.click()
    assert page.locator("tr:target").count() == 1


def test_without_its_script_a_printed_page_shows_what_is_closed(reader):
    page = reader.open(java_script_enabled=False)
    hidden = page.locator("#model-first dl")
    assert hidden.is_hidden()
    page.emulate_media(media="print")
    assert hidden.is_visible()
