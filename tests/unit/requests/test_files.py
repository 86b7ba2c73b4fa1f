"""Stored files, their names, and their entries in requests."""

import pytest

from services.requests.files.pieces import PIECE, SEALED_PIECE, new_key, opened, pieces_of, sealed
from services.requests.request.models.attachment import Attachment, FileState, clean_name
from services.requests.request.models.files import add_file, publish_evidence, remove_infected
from services.requests.request.models.lifecycle import State as RequestState
from shared.seal import SealBrokenError
from shared.transitions import TransitionRefusedError
from tests.builders import a_request


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_chunks_open_at_their_own_position_only(size: int) -> None:
    key, content = new_key(), (b"SOMEBODY" * (size // 8 + 1))[:size]
    kept = list(sealed(key, "one", content))
    last = pieces_of(size) - 1
    assert len(kept) == last + 1
    assert all(len(piece) == SEALED_PIECE for piece in kept[:-1])
    assert not [piece for piece in kept if b"SOMEBODY" in piece]
    assert b"".join(opened(key, "one", piece, place, last) for place, piece in enumerate(kept)) == content
    for file, place, end in (("two", 0, last), ("one", 1, last), ("one", 0, last + 1)):
        with pytest.raises(SealBrokenError):
            opened(key, file, kept[0], place, end)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("x.php.jpg", "x_php"),
        ("C:\\photos\\بتی.jpg", "بتی"),
        ("a\r\nX: y.png", "a__X_ y"),
        ("\u202egpj.exe", "gpj"),
        ("...", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_keeps_what_can_be_read(sent: str | None, kept: str | None) -> None:
    assert clean_name(sent) == kept


def test_evidence_is_published_once_and_only_when_clean() -> None:
    request = a_request(state=RequestState.ACCEPTED, department="power")
    add_file(
        request, Attachment(id="a" * 32, kind="evidence", type="image/png", state=FileState.QUARANTINED), "officer-1"
    )
    assert request.emitted == []
    for _ in range(2):
        publish_evidence(request, "a" * 32)
    assert [envelope.type for envelope in request.emitted] == ["request.evidence_added.v1"]
    remove_infected(request, "a" * 32)
    assert request.attachments == []
    assert [entry["action"] for entry in request.history] == ["add_evidence", "remove_file"]


def test_no_information_is_added_to_an_inactive_request() -> None:
    closed = a_request(state=RequestState.CLOSED)
    for kind in ("attachment", "evidence"):
        with pytest.raises(TransitionRefusedError):
            add_file(closed, Attachment(id="a" * 32, kind=kind), "somebody")
