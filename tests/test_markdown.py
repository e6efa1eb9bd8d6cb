from speckle2vec.markdown import bullets, listed, table


def test_a_table_has_the_columns_of_its_last_row():
    text = table([{"epoch": "0"}, {"epoch": "1", "loss": "2.5"}])
    assert text.splitlines() == ["| epoch | loss |", "| --- | --- |", "| 0 |  |", "| 1 | 2.5 |"]


def test_no_text_ends_its_cell_or_its_row():
    assert table([{"reason": "a | b\nc"}]).splitlines()[-1] == "| a \\| b c |"


def test_values_and_lines():
    assert listed({"seed": 7, "batch": 3}) == "batch 3, seed 7"
    assert bullets(["one", "two"]) == "- one\n- two"
