"""Gateway files: the presets are complete, and mistakes in other files are found at start."""

from pathlib import Path

import pytest

from services.notifier.channels.gateway_file import PRESETS, GatewayFile

LEAST = "method: POST\naccepted: OK\n"
STATES = "states: {sent: sending}\n"


@pytest.mark.parametrize("name", sorted(preset.stem for preset in PRESETS.glob("*.yaml")))
def test_every_preset_describes_receipts(name: str) -> None:
    file = GatewayFile.read(name)
    assert file.receipt is not None
    assert file.inbound is not None
    assert file.signature is not None
    assert {outcome.value for outcome in file.states.values()} >= {"sending", "delivered", "temporary-failure"}


def written(folder: Path, text: str) -> str:
    """The path of a file with this text."""
    file = folder / "own.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_minimal_file_only_describes_sending(tmp_path: Path) -> None:
    file = GatewayFile.read(written(tmp_path, LEAST))
    assert (file.ask, file.receipt, file.inbound) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("method: POST\n", "accepted: Field required"),
        (LEAST + "acepted: OK\n", "acepted: Extra inputs"),
        (LEAST.replace("OK", "'(OK'"), "accepted"),
        (LEAST.replace("POST", "PUT"), "method"),
        (LEAST + STATES + "ask: {by: ours, status: ok}\n", "ask.status: .*group"),
        (LEAST + STATES + "ask: {by: ours, status: (ok), path: /x, what: 1}\n", "ask.what: Extra inputs"),
        (LEAST + "ask: {by: ours, status: (ok)}\n", "need states"),
        (LEAST + "states: {sent: arrived}\n", "states.sent"),
        (LEAST + STATES + "receipt: {ours: ref, status: s}\n", "need a signature"),
        (LEAST + STATES + "receipt: {status: s}\nsignature: {kind: secret}\n", "ours or theirs"),
        (LEAST + "inbound: {sender: from, words: text}\n", "need a signature"),
        (LEAST + "signature: {kind: md5}\n", "signature.kind"),
        (LEAST + "signature: {kind: hmac-sha256, header: X-Secret}\n", "signature.header"),
        (LEAST + "states: {no: sending}\n", "need quotes"),
        ("method: [POST\n", "cannot be used"),
        ("", "cannot be used"),
        ("\x00", "cannot be used"),
    ],
)
def test_mistake_in_a_gateway_file_is_reported_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=rf"the SMS gateway file .*own\.yaml cannot be used: .*{expected}|{expected}"):
        GatewayFile.read(written(tmp_path, text))


def test_states_and_codes_match_in_any_case_and_as_numbers(tmp_path: Path) -> None:
    file = GatewayFile.read(
        written(tmp_path, LEAST + "states: {SENT: sending, 'No': temporary-failure}\ncodes: {17: bad-number}\n")
    )
    meanings = [
        file.meaning(*expected)
        for expected in [("sent", None), ("NO", "17"), ("no", ""), ("Sent", "17"), ("else", "17")]
    ]
    assert meanings == ["sending", "bad-number", "temporary-failure", "sending", None]
