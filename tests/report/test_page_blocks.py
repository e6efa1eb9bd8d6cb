"""Every kind of block is drawn by the page, and all text in it stays text."""

import re
from dataclasses import fields
from typing import get_args

import pytest

from speckle2vec.report.blocks import (
    Block,
    Explorer,
    Fold,
    Lines,
    Part,
    Picture,
    Pictures,
    Plot,
    Table,
)
from speckle2vec.report.page import write_page

EVIL = "</script><img src=x onerror=alert(1)>"


def evil(name):
    return f"{name}{EVIL}"


PLOT = Plot("p", '{"data": ["figure-text</script>"]}', evil("plot-told"))
BLOCKS = {
    "plot": PLOT,
    "table": Table([evil("column"), "b"], [[evil("cell"), "1"]], evil("table-told")),
    "pictures": Pictures(
        evil("title"), [Picture("data:,x", evil("alt"), evil("caption"), 64)], evil("told")
    ),
    "explorer": Explorer(PLOT, '{"ids": ["data-text</script>"]}', ["data:,sheet"], evil("told")),
    "fold": Fold(evil("title"), evil("text")),
    "lines": Lines([evil("first"), evil("second")]),
}


@pytest.fixture
def drawn(tmp_path):
    """The sections of a page, without its script and library."""

    def drawn_(*blocks):
        part = Part("name", evil("part-title"), evil("part-told"), blocks)
        write_page(tmp_path / "page.html", "Title", [("1", "sample")], [part], "made")
        return re.search("<main>.*</main>", (tmp_path / "page.html").read_text(), re.DOTALL)[0]

    return drawn_


def texts(block):
    """Every text of a block."""
    for field in fields(block):
        value = getattr(block, field.name)
        several = value if isinstance(value, list) else [value]
        for one in several:
            if isinstance(one, str):
                yield one
            elif isinstance(one, list):
                yield from one
            elif hasattr(one, "__dataclass_fields__"):
                yield from texts(one)


def test_there_is_a_case_for_every_kind():
    assert {one.kind for one in get_args(Block)} == set(BLOCKS)
    assert all(block.kind == name for name, block in BLOCKS.items())


@pytest.mark.parametrize("name", BLOCKS)
def test_all_text_of_a_block_is_shown_and_none_is_markup(drawn, name):
    text = drawn(BLOCKS[name])
    for one in (*texts(BLOCKS[name]), evil("part-title"), evil("part-told")):
        shown = one.replace("<", "\\u003c") if one.startswith("{") else one.replace("<", "&lt;")
        assert shown in text or shown.replace(">", "&gt;") in text
    assert EVIL not in text
    assert "text</script>" not in text


def test_backquotes_are_code_in_what_is_told_and_not_in_names(drawn):
    text = drawn(Lines(["set `a.b` now"]), Table(["`c`"], [["`d`"]], "see `e`"))
    assert "set <code>a.b</code> now" in text
    assert "see <code>e</code>" in text
    assert '<th scope="col">`c`</th>' in text


def test_a_section_without_blocks_says_why(drawn):
    assert "part-told" in drawn()
    assert "<figure" not in drawn()


def test_the_first_cell_names_its_row(drawn):
    text = drawn(Table(["a", "b"], [["one", "1"], ["two", "2"]], "told"))
    assert re.findall('<th scope="row">(.*?)</th>', text) == ["one", "two"]
    assert re.findall("<td>(.*?)</td>", text) == ["1", "2"]
