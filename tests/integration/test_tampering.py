"""Changes to requests directly in the database, in every possible way: each is found."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.local.servers import Servers
from services.requests.life.models import anonymise
from services.requests.proof.service.audit import HistoryAudit, TamperFinding
from services.requests.request.models import chain
from shared.seal import KeyRing, SealPurpose
from tests.builders import CITIZEN, KEYS, rechain
from tests.integration.proof_world import ProofWorld, proof_world

MINE, OTHER, NEW = "RB-0000-0001-0", "RB-0000-0002-0", "RB-0000-0003-0"
Tamper = Callable[[ProofWorld], Awaitable[object]]


@pytest_asyncio.fixture
async def world(servers: Servers) -> AsyncIterator[ProofWorld]:
    """Two requests with four and two steps in closed days, and a request of today."""
    async with proof_world(servers.mongo_url, "test_tampering") as world:
        await world.book.close_due()
        await world.file(MINE)
        await world.file(OTHER)
        world.clock.advance(days=1)
        await world.step(MINE, words="First words.")
        await world.step(MINE, words="Last words.")
        world.clock.advance(days=1)
        await world.book.close_due()
        await world.file(NEW)
        yield world


async def findings(world: ProofWorld, **published: Any) -> list[TamperFinding]:
    """The findings of the audit."""
    audit = HistoryAudit(world.days, world.receipts, KEYS)
    found = [finding async for finding in audit.run(published or None)]
    assert audit.days >= 1
    return found


async def history_of(world: ProofWorld, number: str) -> list[dict[str, Any]]:
    """The stored history of a request."""
    document = await world.database["requests"].find_one({"_id": number})
    assert document is not None
    history: list[dict[str, Any]] = document["history"]
    return history


async def put(world: ProofWorld, number: str, **fields: Any) -> None:
    """Write to a request directly in the database."""
    done = await world.database["requests"].update_one({"_id": number}, {"$set": fields})
    assert done.modified_count == 1


def setting(number: str, name: str, value: Any) -> Tamper:
    """Set a field."""
    return lambda world: put(world, number, **{name: value})


def editing(number: str, edit: Callable[[list[dict[str, Any]]], object], *, hashes: bool = False) -> Tamper:
    """Edit a history; with `hashes`, calculate all hashes again."""

    async def tamper(world: ProofWorld) -> None:
        history = await history_of(world, number)
        edit(history)
        if hashes:
            for n, entry in enumerate(history, 1):
                entry["n"] = n
            rechain(number, history)
        await put(world, number, history=history)

    return tamper


async def with_the_key(world: ProofWorld) -> None:
    """Rewrite a history and seal it with the key, as only the operator can."""
    history = await history_of(world, MINE)
    history[2]["action"] = "transfer"
    rechain(MINE, history)
    await put(world, MINE, history=history, history_seal=chain.seal(KEYS, MINE, history))


async def back_to_an_earlier_state(world: ProofWorld) -> None:
    """Restore an earlier state: fewer steps, and the seal of that time."""
    history = (await history_of(world, MINE))[:2]
    await put(world, MINE, history=history, history_seal=chain.seal(KEYS, MINE, history))


async def words_of_another_step(world: ProofWorld) -> None:
    """Move a sealed text to another step."""
    history = await history_of(world, MINE)
    await put(world, MINE, **{"history.2.sealed_words": history[3]["sealed_words"]})


async def words_as_if_erased(world: ProofWorld) -> None:
    """Remove a text, and mark the request as anonymised."""
    await put(world, MINE, **{"history.3.sealed_words": None, "anonymised_at": world.clock.at})


async def leaf_taken_out(world: ProofWorld) -> None:
    """Delete a request and its leaf."""
    await world.database["requests"].delete_one({"_id": OTHER})
    await world.database["day_tiles"].update_many({}, {"$pull": {"leaves": {"$elemMatch": {"$eq": OTHER}}}})


async def a_forged_root(world: ProofWorld) -> None:
    """Replace the root of a day."""
    await world.database["day_roots"].update_one({"_id": "2026-03-02"}, {"$set": {"tree": "0" * 64}})


ALTERED, CUT = "step {n}: altered", "cut, rewritten"
TAMPERING: dict[str, tuple[Tamper, str, str]] = {
    "a date": (setting(MINE, "history.2.at", None), MINE, "step 3: altered"),
    "an actor": (setting(MINE, "history.3.by", "o-2"), MINE, "step 4: altered"),
    "the citizen": (setting(OTHER, "history.0.by", "somebody"), OTHER, "step 1: citizen"),
    "something added": (setting(NEW, "history.1.outcome", "granted"), NEW, "step 2: altered"),
    "something odd": (setting(NEW, "history.1.because", b"bytes"), NEW, "step 2: altered"),
    "words": (
        setting(MINE, "history.3.sealed_words", KEYS.seal("Other.", SealPurpose.REQUEST_NOTE, owner=MINE)),
        MINE,
        "step 4: words",
    ),
    "words of another step": (words_of_another_step, MINE, "step 3: words"),
    "words removed": (setting(MINE, "history.3.sealed_words", None), MINE, "words or the citizen were removed"),
    "words gone, as if erased": (words_as_if_erased, MINE, "words or the citizen were removed"),
    "first step gone": (editing(MINE, lambda h: h.pop(0)), MINE, "step 1: order"),
    "a step gone": (editing(MINE, lambda h: h.pop(1)), MINE, "step 2: order"),
    "newest steps gone": (editing(MINE, lambda h: h.pop()), MINE, CUT),
    "newest step of today gone": (editing(NEW, lambda h: h.pop()), NEW, CUT),
    "all steps gone": (editing(MINE, lambda h: h.clear()), MINE, CUT),
    "reordered": (editing(MINE, lambda h: h.reverse()), MINE, "step 1: order"),
    "reordered, counted anew": (editing(MINE, lambda h: h.reverse(), hashes=True), MINE, CUT),
    "rewritten with fitting hashes": (editing(NEW, lambda h: h.pop(0), hashes=True), NEW, CUT),
    "seal taken off": (setting(NEW, "history_seal", ""), NEW, CUT),
    "rewritten with the key": (with_the_key, MINE, "rewritten at or before step 4"),
    "back to an earlier state": (back_to_an_earlier_state, MINE, "steps 3 to 4 are missing"),
    "deleted": (lambda w: w.database["requests"].delete_one({"_id": OTHER}), OTHER, "the request is missing"),
    "deleted with its leaf": (leaf_taken_out, "2026-03-02", "leaves altered or missing"),
    "leaves deleted": (lambda w: w.database["day_tiles"].delete_many({}), "2026-03-03", "leaves altered or missing"),
    "another root": (a_forged_root, "2026-03-02", "root altered or not signed"),
    "a day deleted": (lambda w: w.database["day_roots"].delete_one({"_id": "2026-03-02"}), "2026-03-03", "are missing"),
    "the first day deleted": (
        lambda w: w.database["day_roots"].delete_one({"_id": "2026-03-01"}),
        "2026-03-02",
        "are missing",
    ),
    "the citizen taken out": (setting(OTHER, "history.0.by", None), OTHER, "words or the citizen were removed"),
}


@pytest.mark.parametrize(("tamper", "subject", "what"), TAMPERING.values(), ids=TAMPERING.keys())
async def test_each_is_found(world: ProofWorld, tamper: Tamper, subject: str, what: str) -> None:
    assert await findings(world) == []
    await tamper(world)
    found = await findings(world)
    assert [finding for finding in found if finding.subject == subject and what in finding.what], found


async def test_later_writes_of_the_service_never_repair_a_broken_seal(world: ProofWorld) -> None:
    await editing(NEW, lambda h: h.pop(), hashes=True)(world)
    await world.step(NEW)
    await world.step(NEW)
    assert len(await history_of(world, NEW)) == 3
    [finding] = await findings(world)
    assert (finding.subject, CUT in finding.what) == (NEW, True)


async def test_without_the_key_no_seal_can_be_made(world: ProofWorld) -> None:
    history = (await history_of(world, NEW))[:1]
    others = KeyRing(data_key=KEYS.data_key, index_key=b"?" * 32)
    await put(world, NEW, history=history, history_seal=chain.seal(others, NEW, history))
    assert [finding.subject for finding in await findings(world)] == [NEW]


async def test_roots_kept_elsewhere_find_days_that_were_made_anew(world: ProofWorld) -> None:
    kept = {root["date"]: root["root"] for root in (await world.book.published(None, 10))["roots"]}
    for name in ("day_roots", "day_tiles"):
        await world.database[name].delete_many({})
    await world.database["requests"].delete_one({"_id": OTHER})
    await world.book.close_due()
    assert await findings(world) == []
    found = await findings(world, **kept)
    assert TamperFinding("2026-03-03", "its root differs from the published one") in found
    assert TamperFinding("2026-03-02", "was published, but is missing here") in found


async def test_roots_kept_elsewhere_find_days_that_are_older_than_any_that_is_left(world: ProofWorld) -> None:
    """After all days are deleted the portal starts a new sequence; a copy of last week's roots reveals that."""
    kept = {root["date"]: root["root"] for root in (await world.book.published(None, 10))["roots"]}
    for name in ("day_roots", "day_tiles"):
        await world.database[name].delete_many({})
    world.clock.advance(days=7)
    await world.book.close_due()
    assert await findings(world, **kept) == [
        TamperFinding(date, "was published, but is missing here") for date in sorted(kept)
    ]


async def test_erasure_is_not_tampering(world: ProofWorld) -> None:
    request = await world.requests.get(MINE)
    assert request is not None
    anonymise(request, "erasure")
    assert await world.requests.save_many([request]) == set()
    assert await findings(world) == []
    assert "sealed_words" not in json.dumps(await history_of(world, MINE), default=str)


@pytest.mark.parametrize("name", ["a date", "newest steps gone", "reordered", "rewritten with the key"])
async def test_the_citizen_finds_it_too_by_the_proof_of_now_or_the_one_saved_before(
    world: ProofWorld, name: str, tmp_path: Path
) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(json.dumps(await world.proof(MINE)))
    runner = CliRunner()
    assert runner.invoke(app, ["verify-receipt", str(before)]).exit_code == 0
    await TAMPERING[name][0](world)
    after.write_text(json.dumps(await world.proof(MINE)))
    assert runner.invoke(app, ["verify-receipt", str(after)]).exit_code == 1
    assert runner.invoke(app, ["verify-receipt", str(after), "--earlier", str(before)]).exit_code == 1
    assert runner.invoke(app, ["verify-receipt", str(before)]).exit_code == 0


async def test_a_deleted_request_was_received_all_the_same(world: ProofWorld, tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(await world.proof(OTHER)))
    await world.database["requests"].delete_one({"_id": OTHER})
    done = CliRunner().invoke(app, ["verify-receipt", str(proof)], env={"COLUMNS": "400"})
    assert done.exit_code == 0
    assert f"received: {OTHER}" in done.output
    assert CITIZEN not in proof.read_text()


async def test_proofs_go_on_over_many_days(world: ProofWorld, tmp_path: Path) -> None:
    for _ in range(3):
        world.clock.at += timedelta(days=1)
        await world.step(MINE)
    await world.book.close_due()
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(await world.proof(MINE)))
    assert CliRunner().invoke(app, ["verify-receipt", str(proof)]).exit_code == 0
    assert await findings(world) == []
