"""No empty boxes in a figure: a font is found or named, a character without a glyph is a message."""

import pytest

from involution.errors import InputError
from involution.exhibits import drawing


def titled(text):
    def draw():
        from matplotlib import pyplot

        made, axes = pyplot.subplots(figsize=(2, 1))
        axes.set_title(text)
        return made

    return draw


def test_every_character_of_the_label_tables_can_be_drawn():
    from involution.exhibits.labels import fixed_texts
    from involution.models.notes import TEXTS

    every = "".join(sorted({symbol for pair in (*fixed_texts().values(), *TEXTS.values()) for symbol in "".join(pair)}))
    text = "\n".join(every[k : k + 40] for k in range(0, len(every), 40))
    with drawing.style("zh"):
        assert drawing.saved(titled(text), "")["png"][:4] == b"\x89PNG"


def test_a_character_without_a_glyph_is_named():
    with (
        drawing.style("zh"),
        pytest.raises(InputError, match=r"figure 'Title': no font has the character '😀' \(U\+1F600\)"),
    ):
        drawing.saved(titled("内卷 😀"), "Title")


def test_without_a_chinese_font_the_package_is_named(monkeypatch):
    monkeypatch.setattr(drawing, "_chinese_fonts", lambda: ())
    with pytest.raises(InputError, match="apt-get install fonts-noto-cjk"):
        drawing.style("zh")
    with drawing.style("en"):
        assert drawing.saved(titled("Involution"), "")
