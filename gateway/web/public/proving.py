"""Checking a receipt or a proof against the published keys and roots, with the result in words."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.web.public.room import room
from gateway.web.visit import Visit
from gateway.web.words import Translator, _
from shared.proof.checks import Finding, Trust, Verdict, check
from shared.proof.evidence import Evidence, NoEvidenceError, Object, evidence_in

MAX_BYTES = 1_000_000
"""A proof has some 400 bytes for each day since the request was filed."""
CHECKS = asyncio.Semaphore(2)
"""Limits the checks at the same time: a large one takes some tenths of a second of processor time."""
MAX_CARRIED = 50_000
ROOTS_ON_A_PAGE, MAX_PAGES = 400, 6
FORM, VERDICT = "public/prove.html", "public/verdict.html"
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MAX_TEXTS = 6

RECEIPT, HISTORY, ROOTS = _("The receipt"), _("The history"), _("The daily roots")
WORDS: dict[str, tuple[str, str]] = {
    "not-signed": (RECEIPT, _("None of our keys signed it, or it was changed afterwards.")),
    "signed": (RECEIPT, _("It carries our signature.")),
    "received": (RECEIPT, _("We received the request, and this is how its history began.")),
    "only-receipt": (
        HISTORY,
        _("This is the receipt alone. The proof shows what came after it: track the request and save the proof there."),
    ),
    "step-altered": (HISTORY, _("Step %(step)s was changed.")),
    "other-beginning": (HISTORY, _("It does not begin as the receipt says.")),
    "history": (
        HISTORY,
        _("It begins as the receipt says, and each of its %(steps)s steps is bound to the one before."),
    ),
    "no-roots": (ROOTS, _("None is in this file.")),
    "root-not-signed": (ROOTS, _("We did not sign the root of %(day)s as it stands here.")),
    "root-not-next": (ROOTS, _("The root of %(day)s does not follow that of the day before.")),
    "roots": (ROOTS, _("We signed each of them, and each confirms the day before.")),
    "root-differs": (ROOTS, _("The root of %(day)s is not the one that we published.")),
    "roots-unknown": (ROOTS, _("We published no root for these days.")),
    "roots-known": (ROOTS, _("They are the ones that we published.")),
    "leaf-not-in": (ROOTS, _("The root of %(day)s does not contain this history.")),
    "steps-gone": (ROOTS, _("On %(day)s the history had more steps than here: some are gone.")),
    "rewritten": (ROOTS, _("The history of %(day)s was different from this one: it was rewritten.")),
    "held": (ROOTS, _("The root of %(day)s contains the history up to step %(step)s of %(steps)s.")),
    "left-out": (ROOTS, _("The newest steps should stand in a daily root by now, and do not.")),
    "old-file": (ROOTS, _("The newest steps are in no root of this file. Save the proof again and check that one.")),
    "not-closed": (
        ROOTS,
        _("The newest steps are in none yet: each day is closed after midnight. Save the proof again tomorrow."),
    ),
}
"""For each finding: the part of the evidence that it is about, and its text."""


@dataclass(frozen=True, slots=True)
class ProofPart:
    """The findings about one part of the evidence."""

    name: str
    verdict: Verdict
    texts: list[str]


@room.get("/prove")
async def show(visit: Visit) -> Response:
    """The form, or the result for a receipt in the address, as in printed QR codes. Raises RefusedError."""
    text = visit.form.value("receipt") or visit.query("receipt")
    return await _result(visit, text.encode()) if text else visit.page(FORM)


@room.post("/prove", token=False, max_bytes=MAX_BYTES)
async def prove(visit: Visit) -> Response:
    """The result for the pasted or chosen evidence. Raises RefusedError."""
    file = visit.form.file("file")
    content = await file.read() if file else visit.form.value("receipt").encode()
    if not content:
        visit.form.add_error("receipt", visit.say("Paste a receipt here, or choose a file below."))
        return visit.page(FORM)
    return await _result(visit, content)


async def _result(visit: Visit, content: bytes) -> Response:
    try:
        evidence = evidence_in(content)
    except NoEvidenceError:
        words = visit.say("There is no receipt in it. Choose the file as you saved it from here.")
        visit.form.add_error("receipt", words)
        return visit.page(FORM)
    keys, roots = await asyncio.gather(
        visit.portal.read("/.well-known/receipt-keys.json"), _published_roots(visit, evidence.roots)
    )
    async with CHECKS:
        findings = await asyncio.to_thread(check, evidence, Trust(keys, roots if evidence.roots else None))
    return visit.page(
        VERDICT,
        parts=list(parts_of(findings, visit.words)),
        wrong=any(finding.verdict is Verdict.WRONG for finding in findings),
        received=_received(findings),
        whole=evidence.history is not None,
        carried=_carried(content, evidence),
    )


def _carried(content: bytes, evidence: Evidence) -> str:
    """The evidence for the link to the other language; empty if it is too large."""
    if evidence.history is None:
        return evidence.receipt
    return content.decode("utf-8", "replace") if len(content) <= MAX_CARRIED else ""


async def _published_roots(visit: Visit, claimed: Sequence[Object]) -> list[Object]:
    """The published roots, from the newest to the oldest that the evidence names."""
    oldest = min((str(root.get("date")) for root in claimed), default="9")
    found: list[Object] = []
    before: str | None = None
    for _page in range(MAX_PAGES):
        query = {"limit": ROOTS_ON_A_PAGE, "before": before}
        page = await visit.portal.read("/.well-known/rabta-roots.json", query)
        found += page["roots"]
        before = page["next"]
        if before is None or not page["roots"] or page["roots"][-1]["date"] <= oldest:
            break
    return found


def parts_of(findings: Sequence[Finding], words: Translator) -> Iterator[ProofPart]:
    """The findings by part of the evidence. Of the findings for single days, only the newest is shown."""
    held = [finding for finding in findings if finding.code == "held"]
    shown = [finding for finding in findings if finding.code != "held" or finding is held[-1]]
    for name in (RECEIPT, HISTORY, ROOTS):
        about = [finding for finding in shown if WORDS[finding.code][0] == name]
        if about:
            texts = [words.say(WORDS[one.code][1], **_shown(one.values, words)) for one in about]
            yield ProofPart(words.say(name), _worst(about), list(dict.fromkeys(texts))[:MAX_TEXTS])


def _worst(findings: Sequence[Finding]) -> Verdict:
    verdicts = {finding.verdict for finding in findings}
    return next(one for one in (Verdict.WRONG, Verdict.NOT_SHOWN, Verdict.PROVEN) if one in verdicts)


def _shown(values: Mapping[str, Any], words: Translator) -> dict[str, str]:
    """Numbers and days for people; other values are text from the file, and are not shown."""
    return {name: _value(value, words) for name, value in values.items()}


def _value(value: Any, words: Translator) -> str:
    if isinstance(value, int):
        return words.number(value)
    return value if isinstance(value, str) and DAY.fullmatch(value) else "?"


def _received(findings: Sequence[Finding]) -> Mapping[str, Any] | None:
    """The content of the receipt, if its signature is ours."""
    return next((finding.values for finding in findings if finding.code == "received"), None)
