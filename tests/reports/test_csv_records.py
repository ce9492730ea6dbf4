"""Records of a CSV file come with their own text, and a broken one costs only itself."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.reports.csv_records import MAX_LINES, Record, records


def read(text, delimiter=","):
    return list(records(io.StringIO(text, newline=""), delimiter))


def test_cells_text_and_ending_of_each_record():
    assert read('a,b\r\n"x, y",2\n\n3,4') == [
        Record("a,b", "\r\n", ["a", "b"]),
        Record('"x, y",2', "\n", ["x, y", "2"]),
        Record("", "\n", []),
        Record("3,4", "", ["3", "4"]),
    ]


def test_a_quoted_cell_may_go_on_over_lines():
    assert read('1,"Dusun A\r\nRT 01",2\n3,4,5\n') == [
        Record('1,"Dusun A\r\nRT 01",2', "\n", ["1", "Dusun A\r\nRT 01", "2"]),
        Record("3,4,5", "\n", ["3", "4", "5"]),
    ]


def test_an_inch_sign_in_the_middle_of_a_cell_opens_nothing():
    assert read('5" pipa,2\n3,4\n')[0].cells == ['5" pipa', "2"]


def test_a_quotation_mark_never_closed_costs_only_its_own_line():
    rows = read('1,"oops,2\n3,4\n5,6\n')
    assert rows == [
        Record('1,"oops,2', "\n", None),
        Record("3,4", "\n", ["3", "4"]),
        Record("5,6", "\n", ["5", "6"]),
    ]


def test_a_quotation_mark_never_closed_in_a_long_file_costs_only_its_own_line():
    text = '1,"oops,2\n' + "".join(f"{n},x\n" for n in range(MAX_LINES * 3))
    rows = read(text)
    assert rows[0].cells is None
    assert [row.cells for row in rows[1:]] == [[str(n), "x"] for n in range(MAX_LINES * 3)]


def test_many_quotation_marks_never_closed_each_cost_their_own_line():
    text = "".join(f'{n},"""\n' for n in range(1000))
    rows = read(text)
    assert "".join(row.text + row.ending for row in rows) == text


def test_a_cell_beyond_the_limit_of_csv_costs_only_its_own_line():
    rows = read('1,"' + "x" * (csv.field_size_limit() + 1) + '"\n3,4\n')
    assert [row.cells for row in rows] == [None, ["3", "4"]]


def test_a_huge_cell_without_quotation_marks_is_a_cell():
    assert read("1," + "x" * 500_000 + "\n")[0].cells[1] == "x" * 500_000


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_separator(delimiter):
    assert read(delimiter.join(("1", '"a"', "")) + "\n", delimiter)[0].cells == ["1", "a", ""]


@given(st.text(alphabet='ab,;" \r\n\0é\udc80', max_size=80), st.sampled_from([",", ";"]))
def test_whatever_the_file_no_character_is_lost(text, delimiter):
    assert "".join(record.text + record.ending for record in read(text, delimiter)) == text


cells = st.text(alphabet='ab1,;" \n.é', max_size=8)


@given(st.lists(st.lists(cells, min_size=2, max_size=5), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_csv_writes_is_read_as_csv_reads_it(rows, ending):
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=ending).writerows(rows)
    assert [record.cells for record in read(file.getvalue())] == rows
