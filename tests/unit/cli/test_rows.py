"""Reading a city's file, with the oddities of such files."""

from datetime import datetime
from pathlib import Path

import pytest

from deploy.cli.demo.rows import CityFile, Row, choose_mapping, read_file
from deploy.local.errors import LocalError
from tests.unit.cli.city_files import BOSTON, NYC, boston_row, nyc_row, write_file


@pytest.mark.parametrize(("header", "city"), [(BOSTON, "boston"), (NYC, "nyc")])
def test_the_header_line_chooses_the_mapping(header: list[str], city: str) -> None:
    assert choose_mapping(header).city.code == city


def test_a_header_that_nobody_knows_is_refused_with_what_there_is() -> None:
    with pytest.raises(LocalError, match="boston311, nyc311"):
        choose_mapping(["id", "when"])


def boston(path: Path, *rows: dict[str, str]) -> CityFile:
    """A file of Boston, with a space in blank columns."""
    return read_file(write_file(path / "boston.csv", BOSTON, rows, blank=" "))


def only(file: CityFile) -> Row:
    """The only row of the file."""
    assert file.unusable == []
    (row,) = file.rows
    return row


def test_a_row_of_boston(tmp_path: Path) -> None:
    row = only(boston(tmp_path, boston_row(7)))

    assert row.id == "901000000007"
    assert (row.department, row.type) == ("PWDx", "Request for Pothole Repair")
    assert row.opened == datetime(2022, 1, 21, 13, 47)
    assert row.closed == datetime(2022, 1, 25, 9, 12, 41)
    assert row.is_closed
    assert row.words == "Resolved Pot hole repaired"
    assert row.address == "7 Test St Boston MA 02134"
    assert row.pin == (42.3551, -71.1327)


def test_a_row_of_new_york(tmp_path: Path) -> None:
    row = only(read_file(write_file(tmp_path / "nyc.csv", NYC, [nyc_row(3)])))

    assert row.opened == datetime(2022, 5, 1, 0, 0, 9)
    assert row.closed == datetime(2022, 5, 1, 12, 7, 46)
    assert row.department_name == "New York City Police Department"
    assert row.details == ("Loud Music/Party", "Street/Sidewalk")
    assert row.address == "3 WEST 127 STREET, NEW YORK, 10027"


def test_a_column_of_one_space_is_blank(tmp_path: Path) -> None:
    row = only(boston(tmp_path, boston_row(1, closed_dt=" ", case_status="Open", closure_reason=" ")))

    assert (row.closed, row.words, row.is_closed) == (None, "", False)


def test_the_pin_that_every_intersection_shares_is_no_place(tmp_path: Path) -> None:
    assert only(boston(tmp_path, boston_row(1, latitude="42.3594", longitude="-71.0587"))).pin is None


@pytest.mark.parametrize("pin", [("", ""), ("n", "1"), ("91", "0"), ("0", "0"), ("nan", "nan")])
def test_a_pin_that_is_nowhere_is_left_out(tmp_path: Path, pin: tuple[str, str]) -> None:
    assert only(boston(tmp_path, boston_row(1, latitude=pin[0], longitude=pin[1]))).pin is None


@pytest.mark.parametrize(
    ("published", "words"),
    [
        ("Case Closed. Closed date : 2022-01-03 00:11:40.347 Case Resolved CLEAR ", "Case Resolved CLEAR"),
        ("Case Closed. Closed date : Mon Jan 03 05:59:50 EST 2022 Resolved ", "Resolved"),
        ("Case Closed Case Resolved  NEW CART DELV ON 1/11/22  ", "Case Resolved NEW CART DELV ON 1/11/22"),
        ("Case Closed. Closed date : 2022-01-03 06:44:23.4 Duplicate of Existing Case ", "Duplicate of Existing Case"),
        ("Anything else", "Anything else"),
    ],
)
def test_prefixes_of_the_citys_software_are_removed(tmp_path: Path, published: str, words: str) -> None:
    assert only(boston(tmp_path, boston_row(1, closure_reason=published))).words == words


@pytest.mark.parametrize(
    ("more", "address"),
    [
        ({"Incident Address": "", "Intersection Street 1": "5 AVENUE", "Intersection Street 2": "E 59 ST"},
         "5 AVENUE, E 59 ST, NEW YORK"),
        ({"Incident Address": "", "City": "", "Bridge Highway Name": "Queensboro Br"}, "Queensboro Br, MANHATTAN"),
        ({"Incident Address": "", "City": "", "Park Facility Name": "Unspecified"}, "MANHATTAN"),
    ],
)  # fmt: skip
def test_the_address_is_taken_from_wherever_there_is_one(tmp_path: Path, more: dict[str, str], address: str) -> None:
    assert only(read_file(write_file(tmp_path / "nyc.csv", NYC, [nyc_row(1, **more)]))).address == address


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"case_enquiry_id": " "}, "case_enquiry_id is blank"),
        ({"case_enquiry_id": "چار"}, "case_enquiry_id cannot be an id"),
        ({"type": " "}, "type is blank"),
        ({"open_dt": "01/21/2022"}, "open_dt is no date: '01/21/2022'"),
        ({"closed_dt": "yesterday"}, "closed_dt is no date: 'yesterday'"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, more: dict[str, str], reason: str) -> None:
    file = boston(tmp_path, boston_row(1), boston_row(2, **more))

    assert [row.id for row in file.rows] == ["901000000001"]
    assert file.unusable == [(3, reason)]


def test_an_id_that_comes_twice_is_used_once(tmp_path: Path) -> None:
    file = boston(tmp_path, boston_row(1), boston_row(1))

    assert len(file.rows) == 1
    assert file.unusable[0][1] == "the id 901000000001 is in line 2 already"


def test_a_line_with_too_few_columns_is_named(tmp_path: Path) -> None:
    path = write_file(tmp_path / "nyc.csv", NYC, [nyc_row(1)])
    path.write_text(path.read_text(encoding="utf-8") + "90000009,half a row\n\n", encoding="utf-8")

    assert read_file(path).unusable == [(3, "it has more or fewer columns than the header line")]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = write_file(tmp_path / "nyc.csv", NYC, [nyc_row(1)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert only(read_file(path)).id == "90000001"


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="No such file"):
        read_file(tmp_path / "none.csv")
