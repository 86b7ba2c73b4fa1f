"""Reports of mail servers are parsed correctly, and hostile emails do no harm."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.channels.bounces import MAX_BYTES, is_bad_address, reports_of
from services.notifier.channels.provider import Report
from services.notifier.models.notification import DeliveryState
from tests.unit.notifier.bounce_samples import HARD, REFERENCE, postfix

GONE = Report(REFERENCE, None, DeliveryState.PERMANENT_FAILURE, bad_address=True)
HARMLESS = {
    "spam": ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam by policy. No such user"),
    "full": ("5.2.2", "smtp; 552 5.2.2 Mailbox full: user unknown quota"),
    "too large": ("5.3.4", "smtp; 552 5.3.4 Message too big"),
    "refused with 5.0.0": ("5.0.0", "smtp; 550 5.7.26 Unauthenticated email is not accepted"),
    "blocked": ("5.0.0", "smtp; 550 Blocked by our list, see https://example.com"),
}


@pytest.mark.parametrize("server", HARD)
def test_bounce_of_each_server_marks_the_address_bad(server: str) -> None:
    assert reports_of(HARD[server]) == [GONE]


@pytest.mark.parametrize("why", HARMLESS)
def test_other_refusals_do_not_mark_the_address_bad(why: str) -> None:
    status, diagnostic = HARMLESS[why]
    assert reports_of(postfix(status, diagnostic)) == [Report(REFERENCE, None, DeliveryState.PERMANENT_FAILURE)]


@pytest.mark.parametrize(
    ("diagnostic", "bad"),
    [
        ("5.1.1 User unknown", True),
        ("No such user", True),
        ("Requested action not taken: mailbox unavailable", True),
        ("<x@example.com>: recipient address was not found here", True),
        ("5.7.1 Service refused, client host blocked", False),
        ("Blocked", False),
        ("5.4.4 Host not found", True),
        ("5.5.0 Unknown user", True),
        ("5.1.8 Bad sender's system address", False),
    ],
)
def test_refusal_shows_whether_the_address_is_bad(diagnostic: str, bad: bool) -> None:
    assert is_bad_address("", diagnostic) is bad


def test_a_delay_changes_nothing_and_giving_up_is_a_temporary_failure() -> None:
    gave_up = postfix("4.4.1", "X-Postfix; connect to mx.example.com[203.0.113.9]:25: Connection timed out")
    assert reports_of(gave_up) == [Report(REFERENCE, None, DeliveryState.TEMPORARY_FAILURE)]
    assert reports_of(postfix("4.4.1", "later", action="delayed")) == []
    assert reports_of(postfix("2.0.0", "250 ok", action="delivered")) == [
        Report(REFERENCE, None, DeliveryState.DELIVERED)
    ]


def test_the_bounce_address_identifies_the_message() -> None:
    bare = postfix(to=f"bounce+{REFERENCE}@rabta.example").partition(b"Content-Description: Undelivered")[0]
    assert reports_of(bare) == [GONE]


@pytest.mark.parametrize(
    "mail",
    [
        postfix().replace(REFERENCE.encode(), b"somebody-elses-message"),
        f"To: bounce+{REFERENCE}@rabta.example\nSubject: Out of office\n\nI am away, 550 5.1.1 unknown user".encode(),
        b"",
        b"\xff\xfe\x00" * 100,
    ],
)
def test_other_emails_report_nothing(mail: bytes) -> None:
    assert reports_of(mail) == []


def test_only_the_beginning_of_a_huge_report_is_read() -> None:
    assert reports_of(postfix() + b"x" * 50 * MAX_BYTES) == [GONE]
    assert reports_of(b"X-Long: " + b"y" * MAX_BYTES + b"\n" + postfix()) == []


def test_an_email_that_is_expensive_to_parse_is_skipped_at_once() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(250))
    wide = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 20_000
    head = f"To: bounce+{REFERENCE}@rabta.example\n".encode()
    begun = time.process_time()
    assert reports_of(head + deep + b"x\n" * 50_000) == []
    assert reports_of(head + wide) == []
    assert time.process_time() - begun < 0.5, "seconds of the processor"


changes = st.lists(
    st.tuples(st.sampled_from(["cut", "put", "twice", "swap"]), st.integers(0, 4000), st.binary(max_size=40)),
    max_size=6,
)


def changed(mail: bytes, kind: str, place: int, what: bytes) -> bytes:
    """A damaged or forged email."""
    lines = mail.splitlines(keepends=True)
    if kind == "cut":
        return mail[: place % (len(mail) + 1)]
    if kind == "put":
        return mail[:place] + what + mail[place:]
    spot = place % max(1, len(lines))
    if kind == "twice":
        return b"".join([*lines[:spot], *lines[spot : spot + 3], *lines[spot:]])
    return b"".join([*lines[spot:], *lines[:spot]])


@given(st.sampled_from(sorted(HARD)), changes)
def test_a_damaged_report_never_names_another_message(server: str, damages: list[tuple[str, int, bytes]]) -> None:
    mail = HARD[server]
    for damage in damages:
        mail = changed(mail, *damage)
    for report in reports_of(mail):
        assert (report.ours, report.theirs) == (REFERENCE, None)
        assert report.state in (DeliveryState.PERMANENT_FAILURE, DeliveryState.TEMPORARY_FAILURE)
