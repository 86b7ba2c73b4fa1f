"""Mappings are chosen by the header line; malformed ones are refused."""

from pathlib import Path

import pytest

from deploy.cli.demo.mapping import FOLDER, choose_mapping, read_mapping
from deploy.local.errors import LocalError
from tests.unit.cli.city_files import BOSTON, NYC


@pytest.mark.parametrize(("header", "city"), [(BOSTON, "boston"), (NYC, "nyc")])
def test_the_header_line_chooses_the_mapping(header: list[str], city: str) -> None:
    mapping = choose_mapping(header)

    assert mapping.city.code == city
    assert set(mapping.needed()) <= set(header)


def test_a_header_that_nobody_knows_is_refused_with_what_there_is() -> None:
    with pytest.raises(LocalError, match="boston311, nyc311"):
        choose_mapping(["id", "when"])


def test_a_mapping_by_name_has_to_find_its_columns() -> None:
    with pytest.raises(LocalError, match="Unique Key"):
        choose_mapping(BOSTON, "nyc311")
    with pytest.raises(LocalError, match="no mapping is called paris"):
        choose_mapping(BOSTON, "paris")
    assert choose_mapping(BOSTON, "boston311").city.code == "boston"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("city: [", "expected"),
        ("colour: red", "colour"),
        ((FOLDER / "nyc311.yaml").read_text(encoding="utf-8") + "\nbefore_words: '('\n", "not a regular expression"),
    ],
)
def test_a_file_that_is_no_mapping_is_named_with_what_is_wrong(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "city.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(LocalError, match=named) as refused:
        read_mapping(file)
    assert str(file) in str(refused.value)
