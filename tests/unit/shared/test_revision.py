"""The revision that If-Match names."""

import pytest
from starlette.requests import Request

from shared.errors import PreconditionRequiredError
from shared.revision import IfMatchInvalidError, revision_seen


def asking(*tags: str) -> Request:
    """A request with these If-Match headers."""
    return Request({"type": "http", "headers": [(b"if-match", tag.encode()) for tag in tags]})


def test_the_etag_of_an_answer_is_read() -> None:
    assert revision_seen(asking('"12"')) == 12
    assert revision_seen(asking(' "12" ')) == 12


@pytest.mark.parametrize("tag", ["1", "*", "", 'W/"1"', '"1", "2"', '"1-en"', '"ten"', '"1', '"1234567890"'])
def test_what_is_no_etag_of_ours_is_said_to_be_none(tag: str) -> None:
    """Not that somebody changed it, which nobody did."""
    with pytest.raises(IfMatchInvalidError):
        revision_seen(asking(tag))


def test_it_is_needed() -> None:
    with pytest.raises(PreconditionRequiredError):
        revision_seen(asking())
