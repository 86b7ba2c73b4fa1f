"""The page that checks receipts: findings in words, and no text from the file."""

from typing import Any

from deploy.cli.verify_receipt import words as terminal
from gateway.web.public.proving import WORDS, parts_of
from gateway.web.words import Translator
from shared.proof.checks import Finding, Trust, Verdict, check, proven, wrong
from shared.proof.evidence import Evidence, evidence_in
from tests.cases import cases
from tests.unit.cli.proofs import a_proof, signer

ENGLISH, URDU = Translator("en"), Translator("ur")


def evidence_of(proof: dict[str, Any]) -> Evidence:
    """A proof as it is read from a file."""
    return Evidence(proof["receipt"], proof["history"], proof["inclusions"], proof["roots"], proof["keys"])


def findings_of(findings: list[Finding], words: Translator = ENGLISH) -> dict[str, tuple[Verdict, list[str]]]:
    """The texts of the page, by part."""
    return {part.name: (part.verdict, part.texts) for part in parts_of(findings, words)}


async def test_complete_proof_is_proven_in_all_parts() -> None:
    proof = await a_proof()
    told = findings_of(check(evidence_of(proof), Trust(proof["keys"], proof["roots"])))
    assert {verdict for verdict, _ in told.values()} == {Verdict.PROVEN}
    assert list(told) == ["The receipt", "The history", "The daily roots"]
    assert "The root of 2026-03-02 contains the history up to step 3 of 3." in told["The daily roots"][1]


async def test_altered_step_affects_only_the_history() -> None:
    proof = await a_proof()
    proof["history"][1]["at"] = "2026-03-01T09:00:00.000Z"
    told = findings_of(check(evidence_of(proof), Trust(proof["keys"])))
    assert told["The history"][0] is Verdict.WRONG
    assert "Step 2 was changed." in told["The history"][1]
    assert told["The receipt"][0] is Verdict.PROVEN


async def test_receipt_of_other_keys_is_refused() -> None:
    proof, others = await a_proof(), (await signer()).published()
    told = findings_of(check(Evidence(proof["receipt"]), Trust(dict(others))))
    assert [verdict for verdict, _ in told.values()] == [Verdict.WRONG]


async def test_address_in_a_qr_code_is_read_as_a_receipt() -> None:
    receipt = (await a_proof())["receipt"]
    assert evidence_in(f"https://rabta.example/prove?receipt={receipt}".encode()).receipt == receipt


def test_texts_of_a_file_are_not_shown() -> None:
    told = findings_of(
        [wrong("root-differs", day="<script>"), wrong("steps-gone", day="2026-03-02", held="\u202e", steps=3)]
    )
    assert told["The daily roots"][1] == [
        "The root of ? is not the one that we published.",
        "On 2026-03-02 the history had more steps than here: some are gone.",
    ]


def test_only_the_newest_daily_finding_is_shown() -> None:
    days = [proven("held", day=f"2026-03-0{n}", step=n, steps=5) for n in range(1, 6)]
    assert findings_of(days)["The daily roots"][1] == ["The root of 2026-03-05 contains the history up to step 5 of 5."]


def test_every_finding_has_a_text() -> None:
    own_files = {"no-key", "earlier-other", "earlier-stands", "earlier-altered", "earlier-root"}
    assert WORDS.keys() == terminal.WORDS.keys() - own_files


@cases("code", sorted(WORDS))
def test_every_finding_has_a_text_in_both_languages(code: str) -> None:
    values = dict.fromkeys(("step", "steps", "held", "days"), 1) | {"day": "2026-03-02"}
    english, urdu = (findings_of([proven(code, **values)], words) for words in (ENGLISH, URDU))
    assert list(english.values()) != list(urdu.values())
    assert "%(" not in str(english) + str(urdu)
