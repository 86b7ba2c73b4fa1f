"""The stand-ins report correctly what they accepted; other tests rely on it."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import aiosmtplib
import pytest

from tools.gateways.faults import Conduct, Fault, rules_of
from tools.gateways.rate import Rate
from tools.gateways.running import StandIn, mail_server, sms_gateway


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A gateway without faults."""
    with sms_gateway(tmp_path_factory.mktemp("gateways")) as running:
        yield running


async def send(gateway: StandIn, to: str, words: str, reference: str = "") -> tuple[int, str]:
    """Status and response of a form; nothing, if there was no response in time."""
    form = {"to": to, "message": words, "ref": reference}
    patience = aiohttp.ClientTimeout(total=0.4)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as http,
            http.post(f"{gateway.address}/send", data=form) as answer,
        ):
            return answer.status, await answer.text()
    except (TimeoutError, aiohttp.ClientError) as error:
        return 0, type(error).__name__


def test_the_seed_decides_which_message_gets_which_fault() -> None:
    rules = rules_of("refuse=1:*000, hang=0.5")
    fates = [Conduct(rules, 7).fault_of("+923001234567", f"attempt {n}") for n in range(200)]
    assert fates == [Conduct(rules, 7).fault_of("+923001234567", f"attempt {n}") for n in range(200)]
    assert 70 < fates.count(Fault.HANG) < 130
    assert set(fates) == {Fault.HANG, None}
    assert Conduct(rules).fault_of("+923001234000", "x") is Fault.REFUSE


def test_the_rate_allows_one_second_of_messages_at_once() -> None:
    now = [0.0]
    rate = Rate(10, lambda: now[0])
    assert [rate.wait() for _ in range(11)] == [0.0] * 10 + [pytest.approx(0.1)]
    now[0] = 0.1
    assert [rate.wait() > 0 for _ in range(2)] == [False, True]


async def test_the_counts_include_duplicates_and_unanswered_messages(gateway: StandIn) -> None:
    await gateway.forget()
    await gateway.behave(faults="swallow=1:*111,cut=1:*222,hang=1:*333,error=1:*444,refuse=1:*555")
    sent = {}
    for end in ("000", "000", "111", "222", "333", "444", "555"):
        sent[end] = await send(gateway, f"92300123{end}0"[:9] + end, "Your code is 123456.", f"ref-{end}")
    assert sent["000"][1].startswith("OK: ")
    assert [sent[end][0] for end in ("111", "222", "333", "444", "555")] == [0, 0, 0, 500, 200]
    counts = await gateway.counts()
    assert (counts["taken"], counts["messages"], counts["doubled"]) == (4, 3, {"ref-000": 2})
    assert counts["asked"] == {"taken": 2, "swallow": 1, "cut": 1, "hang": 1, "error": 1, "refuse": 1}
    assert len(await gateway.messages(codes=True, since=2)) == 2


async def test_a_mail_server_refuses_chosen_addresses(tmp_path: Path) -> None:
    with mail_server(tmp_path, faults="refuse=1:gone@*,busy=1:full@*") as server:
        codes = []
        for whose in ("gone", "full", "here"):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Message-ID"] = (
                "a@rabta.example",
                f"{whose}@b.example",
                "<ref@rabta.example>",
            )
            mail.set_content("Hello.")
            try:
                await aiosmtplib.send(mail, hostname="127.0.0.1", port=server.port, start_tls=False)
                codes.append(250)
            except aiosmtplib.SMTPRecipientsRefused as error:
                codes.append(error.recipients[0].code)
        assert codes == [550, 450, 250]
        [kept] = await server.messages()
        assert (kept["to"], kept["reference"], kept["words"]) == ("here@b.example", "ref", "Hello.")
