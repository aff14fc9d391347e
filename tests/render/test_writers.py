"""The formats for machines and pages: whole, written as rows come, and keeping none of them."""

from __future__ import annotations

import io
import json
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from cnncalc.render.answer import Answer
from cnncalc.render.table import Record, Table, field
from cnncalc.render.writers import FORMATS


class Things(Answer):
    """Rows alone."""

    def __init__(self, rows: Iterator[Any] | list[Any], *keys: str) -> None:
        self.listed = Table([field(key, key) for key in keys], rows)

    def table(self) -> Table[Record]:
        return self.listed


class _Row(dict[str, Any]):
    """One that can be watched."""


@pytest.mark.parametrize("name", ["csv", "jsonl", "json"])
def test_rows_are_written_as_they_come_and_not_kept(name: str) -> None:
    out = io.StringIO()
    lengths = []
    kept: list[int] = []

    def rows() -> Iterator[Record]:
        watched: list[weakref.ref[_Row]] = []
        for number in range(100):
            row = _Row(a=number)
            watched.append(weakref.ref(row))
            yield row
            del row
            lengths.append(len(out.getvalue()))
            kept.append(sum(ref() is not None for ref in watched))

    FORMATS[name].write(Things(rows(), "a"), Console(file=out))
    assert sorted(set(lengths)) == lengths, "each row was written before the next was asked for"
    assert max(kept) <= 1


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
RECORDS = st.lists(st.fixed_dictionaries({"a": SCALARS, 'b"c': SCALARS}), max_size=4)


@given(RECORDS)
@settings(derandomize=True, max_examples=50)
def test_json_is_a_list_of_objects(records: list[dict[str, Any]]) -> None:
    ordered = [{"a": record["a"], 'b"c': record['b"c']} for record in records]
    out = io.StringIO()
    FORMATS["json"].write(Things(records, "a", 'b"c'), Console(file=out))
    written = "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in out.getvalue())
    assert written == json.dumps(ordered, indent=1).replace("\x7f", "\\u007f") + "\n"
    assert out.getvalue().replace("\n", "").isprintable()
    out = io.StringIO()
    FORMATS["jsonl"].write(Things(records, "a", 'b"c'), Console(file=out))
    assert [json.loads(line) for line in out.getvalue().split("\n")[:-1]] == ordered


@pytest.mark.parametrize("rows", [0, 2])
def test_json_is_whole_where_the_rows_break_off(rows: int) -> None:
    def broken() -> Iterator[Record]:
        for number in range(rows):
            yield {"a": number}
        raise KeyboardInterrupt

    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        FORMATS["json"].write(Things(broken(), "a"), Console(file=out))
    assert json.loads(out.getvalue()) == [{"a": number} for number in range(rows)]


def test_csv_has_truth_values_as_yaml_and_empty_cells() -> None:
    out = io.StringIO()
    rows = [{"a": True, "b": None}, {"a": False, "b": 'x,"y"'}]
    FORMATS["csv"].write(Things(rows, "a", "b"), Console(file=out))
    assert out.getvalue() == 'a,b\ntrue,\nfalse,"x,""y"""\n'


def test_markdown_keeps_a_bar_in_its_cell() -> None:
    out = io.StringIO()
    FORMATS["markdown"].write(Things([{"a": "x|y"}], "a"), Console(file=out))
    assert out.getvalue() == "| a |\n| --- |\n| x\\|y |\n"
