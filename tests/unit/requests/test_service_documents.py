"""Documents that a service requires, always or on conditions; missing ones are reported."""

from datetime import date
from typing import Any

import pytest

from services.requests.catalogue.eligibility import Checks, results_of, verify
from services.requests.catalogue.files import read_entries
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.files.service.documents import document_error
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.settings import RequestsSettings
from tests.builders import a_catalogue_document, a_catalogue_entry, a_request, words

ENTRIES = read_entries(RequestsSettings.model_fields["catalogue_dir"].default)
LISTING = [entry for entry in ENTRIES.values() if entry.charter.documents]
DAY = date(2026, 11, 29)
BIRTH = Checks(ENTRIES["birth-certificate"])


def an_entry(*documents: dict[str, Any], **more: Any) -> CatalogueEntry:
    """A service with these documents in its charter."""
    charter = {**a_catalogue_document()["charter"], "documents": list(documents)}
    return a_catalogue_entry(charter=charter, **more)


def test_every_document_of_a_charter_is_asked_for() -> None:
    assert len(LISTING) == 13
    for entry in LISTING:
        assert len(entry.documents) == len(entry.charter.documents), entry.code
        assert entry.attachments.most > len(entry.documents), entry.code


@pytest.mark.parametrize(
    ("born", "asked"),
    [
        ("2026-11-29", ["birth-proof", "parents-cards"]),
        ("2026-09-30", ["birth-proof", "parents-cards"]),  # 60 days ago
        ("2026-09-29", ["birth-proof", "parents-cards", "affidavit"]),
        ("2010-05-01", ["birth-proof", "parents-cards", "affidavit"]),
    ],
)
def test_an_affidavit_is_asked_for_sixty_days_after_the_birth(born: str, asked: list[str]) -> None:
    results = BIRTH.documents({"date_of_birth": born}, "swat", [], today=DAY)
    assert [result.code for result in results] == [f"document-{code}" for code in asked]
    assert not [result for result in results if result.passed]


@pytest.mark.parametrize(("born", "asked"), [("2026-01-01", 2), ("2025-12-31", 3)])
def test_a_correction_counts_from_the_day_of_the_filing(born: str, asked: int) -> None:
    request = a_request(service="birth-certificate")
    request.note("submit", ActorKind.CITIZEN, request.submitted_at)
    results = results_of(request, BIRTH, {"date_of_birth": born}, [], verified=True)
    assert sum(result.code.startswith("document-") for result in results) == asked


def test_a_missing_document_is_named_in_both_languages() -> None:
    request = a_request(attachments=[{"id": "1", "kind": "attachment", "document": "slip"}])
    entry = an_entry({"code": "slip", **words("Slip")}, {"code": "card", **words("Card")}, words("A good pen"))
    results = verify(request, Checks(entry), {}, verified=True)
    assert request.state is State.INFORMATION_NEEDED
    assert [(result.code, result.passed) for result in results] == [("document-slip", True), ("document-card", False)]
    assert "Card" in results[1].words["en"]
    assert "Card (اردو)" in results[1].words["ur"]


def test_file_without_a_document_code_counts_for_none() -> None:
    checks = Checks(an_entry({"code": "slip", **words("Slip")}))
    assert [result.passed for result in checks.documents({}, "swat", [None, "card"])] == [False]
    assert [result.passed for result in checks.documents({}, "swat", ["slip", "slip"])] == [True]


@pytest.mark.parametrize(
    ("code", "media_type", "error"),
    [
        (None, "image/jpeg", None),
        ("slip", "image/png", None),
        ("slip", "application/pdf", None),
        ("photo", "image/webp", None),
        ("photo", "application/pdf", "document_picture"),
        ("plan", "image/webp", "document_pdf"),
        ("passport", "image/png", "document"),
    ],
)
def test_a_document_may_want_a_photo_or_a_pdf(code: str | None, media_type: str, error: str | None) -> None:
    entry = an_entry(
        {"code": "slip", **words("Slip")},
        {"code": "photo", **words("Photo"), "kinds": ["picture"]},
        {"code": "plan", **words("Plan"), "kinds": ["pdf"]},
    )
    assert document_error(code, media_type, entry) == error


@pytest.mark.parametrize(
    ("documents", "more", "mistake"),
    [
        ([{"code": "slip", **words("a")}] * 2, {}, ("/charter/documents/1/code", "document_twice")),
        ([{**words("a"), "when": {"typo": 1}}], {}, ("/charter/documents/0/when/typo", "schema_unknown")),
        ([{"code": "slip", **words("a")}], {"attachments": {"most": 0}}, ("/attachments/most", "documents_most")),
        (
            [{"code": "slip", **words("a")}],
            {
                "eligibility": [
                    {
                        "code": "document-slip",
                        "requires": {},
                        "otherwise": "ineligible",
                        "passed": words("a"),
                        "failed": words("b"),
                    }
                ]
            },
            ("/eligibility/0/code", "rule_twice"),
        ),
    ],
)
def test_a_mistake_in_documents_is_named(
    documents: list[dict[str, Any]], more: dict[str, Any], mistake: tuple[str, str]
) -> None:
    with pytest.raises(ValueError, match=": ".join(mistake)):
        an_entry(*documents, **more)


def test_older_charter_is_still_read() -> None:
    entry = an_entry(words("Two photographs"))
    assert entry.documents == {}
    assert Checks(entry).documents({}, "swat", []) == []
