"""Any response of a gateway has a meaning, which is found fast."""

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.notifier.channels.gateway import MAX_ANSWER, GatewayAnswer, SmsGateway
from services.notifier.channels.gateway_file import GatewayFile
from services.notifier.channels.provider import Terms
from services.notifier.models.delivery import FAILED
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import SmsSettings

KINDS = ("twilio", "form", "json")
PIECES = [
    '"sid"',
    '"status"',
    '"code"',
    '"error_code"',
    "message_id",
    ":",
    " ",
    "\n",
    '"',
    "OK",
    "delivered",
    "21211",
    "{",
    "invalid number",
    "\ud800",
]


@cache
def gateway(kind: str) -> SmsGateway:
    """A gateway with a preset."""
    account = SmsSettings(url="https://sms.example", account="AC1", secret=SecretStr("s3cret"), sender="RABTA")
    return SmsGateway(GatewayFile.read(kind), account, Terms("sms", "sms", patience=1))


ATTEMPTED = (DeliveryState.SENDING, DeliveryState.DELIVERED, *FAILED)


@given(
    st.sampled_from(KINDS),
    st.integers(200, 599),
    st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=20).map("".join),
    st.text(max_size=10),
)
def test_any_gateway_answer_has_a_meaning(kind: str, status: int, body: str, later: str) -> None:
    answer = GatewayAnswer(status, body, later)
    result = gateway(kind)._result(answer)
    assert result.state in ATTEMPTED
    assert (result.state is DeliveryState.SENDING) <= (status < 300)
    assert result.bad_address <= (result.state is DeliveryState.PERMANENT_FAILURE)
    assert 0 <= result.pause <= 300
    ask = gateway(kind)._gateway.ask
    standing = gateway(kind)._standing(ask, "SM1", answer) if ask else None
    assert standing is None or standing.state in ATTEMPTED


@pytest.mark.parametrize("kind", KINDS)
def test_any_answer_is_parsed_fast(kind: str) -> None:
    ask = gateway(kind)._gateway.ask
    begun = time.process_time()
    for piece in PIECES + [one + " " for one in PIECES] + [" " * 500 + one for one in PIECES]:
        answer = GatewayAnswer(200, (piece * MAX_ANSWER)[:MAX_ANSWER], "")
        gateway(kind)._result(answer)
        if ask:
            gateway(kind)._standing(ask, "SM1", answer)
    assert time.process_time() - begun < 5
