"""Small parts of the commands: the suite's address, stored accounts, demo people, dead letters."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from pamqp.commands import Basic

from deploy.cli import samples
from deploy.cli.book import Book
from deploy.cli.dead_letters.command import describe
from deploy.cli.dead_letters.letters import headers_again
from deploy.cli.departments import entries
from deploy.cli.people import DemoCitizen
from deploy.cli.place import RunningSuite, find_place
from deploy.cli.transport import ApiError
from deploy.local.errors import LocalError
from services.identity.accounts.api.bodies import RegistrationBody
from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.files import read_entries
from services.routing.models.directory import DepartmentEntry
from shared.bus.letters import Letter


def test_the_book_is_its_owners_alone_and_keeps_one_entry_for_each(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.keep_account("officer", "officer.water", "one")
    book.keep_account("officer", "officer.water", "two")
    book.keep_department({"code": "water", "queue": "q", "user": "u", "password": "p"})

    assert stat.S_IMODE(os.stat(tmp_path / "demo.json").st_mode) == 0o600
    assert [entry["password"] for entry in book.accounts()] == ["two"]
    assert book.department("water") == {"code": "water", "queue": "q", "user": "u", "password": "p"}
    assert book.department("power") is None
    book.forget()
    assert book.accounts() == book.departments() == []


def test_the_administrator_is_named_by_the_environment_or_the_book(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="RABTA_ADMIN_LOGIN"):
        _ = RunningSuite({}, tmp_path).admin
    Book(tmp_path).keep_account("admin", "admin", "kept")
    assert RunningSuite({}, tmp_path).admin == ("admin", "kept")
    named = {"RABTA_ADMIN_LOGIN": "root", "RABTA_ADMIN_PASSWORD": "given"}
    assert RunningSuite(named, tmp_path).admin == ("root", "given")


def test_a_departments_broker_url_has_its_own_credentials(tmp_path: Path) -> None:
    place = RunningSuite({"RABTA_AMQP_URL": "amqp://rabta:secret@127.0.0.1:5673/rabta"}, tmp_path)

    assert place.broker_url("department.water", "p/w@1") == "amqp://department.water:p%2Fw%401@127.0.0.1:5673/rabta"


@pytest.mark.parametrize("environment", [{}, {"RABTA_ENV": "production"}])
def test_demo_data_is_for_demo_and_test_only(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="RABTA_ENV"):
        RunningSuite(environment, tmp_path).refuse_production()
    RunningSuite({"RABTA_ENV": "test"}, tmp_path).refuse_production()


def test_where_nothing_runs_the_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABTA_HOME", str(tmp_path))
    monkeypatch.delenv("RABTA_PUBLIC_URL", raising=False)

    with pytest.raises(LocalError, match=str(tmp_path)):
        _ = find_place().url


def test_a_services_own_command_needs_a_suite(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="RABTA_MONGO_URL"):
        RunningSuite({}, tmp_path).run("services.identity.operating", "rotate-signing")


@pytest.mark.parametrize("n", [1, 2, 101, 112, 120])
def test_demo_people_are_of_the_reserved_block_and_may_register(n: int) -> None:
    person = DemoCitizen(n)

    assert person.cnic.startswith(f"35000-0000{n:03}-")
    form = RegistrationBody.model_validate(person.form)
    assert form.mobile == person.mobile


def test_the_departments_of_the_suite_can_be_made_over_the_api() -> None:
    known = entries()

    assert len(known) >= 10
    for entry in known:
        DepartmentEntry.model_validate(entry)


def test_the_samples_fit_the_catalogue_in_two_languages() -> None:
    catalogue = read_entries(Path("services/requests/catalogue/services"))
    wanted = samples.samples()

    assert 8 <= len(wanted) <= 12
    assert len({sample["key"] for sample in wanted}) == len(wanted)
    for sample in wanted:
        filing = sample["filing"]
        assert Checks(catalogue[filing["service"]]).form_errors(filing["answers"], "en") == []
    assert any(sample["filing"]["answers"]["description"].isascii() for sample in wanted)
    assert any(not sample["filing"]["answers"]["description"].isascii() for sample in wanted)


def test_a_refusal_is_one_line_with_its_fields() -> None:
    problem = {
        "type": "/problems/invalid", "title": "T", "detail": "D", "errors": [{"pointer": "/a", "message": "M"}],
    }  # fmt: skip
    refused = ApiError("POST /x", 422, problem)

    assert (str(refused), refused.code) == ("POST /x: 422 T; D; /a M", "invalid")


def test_a_letter_that_a_service_put_aside_keeps_what_the_broker_vouched_for() -> None:
    first = '{"id": "a", "user": "department.water", "key": "department.water"}'
    sent = Basic.Properties(
        message_id="a#7", headers={"ce-type": "x", "x-rabta-attempt": 4, "x-rabta-error": "E", "x-rabta-first": first}
    )

    assert headers_again(sent) == {"ce-type": "x", "x-rabta-first": first}


def test_a_letter_that_the_broker_put_aside_cannot_speak_for_somebody_else() -> None:
    forged = '{"id": "a", "user": "department.police", "key": "department.police"}'
    death: Any = {"queue": "routing.actions", "routing-keys": ["department.water"], "reason": "delivery_limit"}
    sent = Basic.Properties(
        message_id="a", user_id="department.water",
        headers={
            "x-rabta-first": forged, "x-death": [death], "x-first-death-reason": "delivery_limit", "CC": ["requests"],
        },
    )  # fmt: skip

    (header,) = headers_again(sent).items()
    assert header[0] == "x-rabta-first"
    assert json.loads(header[1]) == {"id": "a", "user": "department.water", "key": "department.water"}


def letter(queue: str, kind: str | None) -> Letter:
    """A dead letter whose body contains a name."""
    headers = {"x-rabta-error": "ValueError"} | ({"ce-type": kind} if kind else {})
    return Letter(queue, "id/1", headers, b'{"name": "Ayesha"}')


@pytest.mark.parametrize(
    ("queue", "kind", "shown"),
    [
        ("routing.dead", "request.submitted.v1", True),
        ("routing.actions.dead", None, True),
        ("notifier.dead", "citizen.registered.v1", False),
        ("notifier.dead", None, False),
    ],
)
def test_the_body_of_what_is_about_a_citizen_is_never_shown(queue: str, kind: str | None, shown: bool) -> None:
    lines = "\n".join(describe(letter(queue, kind)))

    assert ("Ayesha" in lines) is shown
    assert "ValueError" in lines
