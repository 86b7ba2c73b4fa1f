"""Signatures of webhooks, verified by the package that Standard Webhooks publishes for receivers."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.routing.subscriptions.messages import headers_of, new_secret
from shared.clock import utc_now

BODY = '{"number":17,"subject":"RB-7F3K-9Q2M-X","نام":"پانی"}'.encode()


def test_receivers_accept_the_signature() -> None:
    secret = new_secret()
    headers = headers_of("routing/RB-7F3K-9Q2M-X/1", utc_now(), BODY, [secret])
    assert Webhook(secret).verify(BODY, headers)["number"] == 17


def test_during_a_rotation_receivers_with_either_secret_accept_it() -> None:
    new, old = new_secret(), new_secret()
    headers = headers_of("a", utc_now(), BODY, [new, old])
    for secret in (new, old):
        assert Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


def test_receivers_refuse_an_altered_body_id_or_time() -> None:
    secret, at = new_secret(), utc_now()
    headers = headers_of("a", at, BODY, [secret])
    late = str(int((at - timedelta(seconds=1)).timestamp()))
    for body, change in ((BODY + b" ", {}), (BODY, {"webhook-id": "b"}), (BODY, {"webhook-timestamp": late})):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, headers | change)
    old = headers_of("a", at - timedelta(minutes=10), BODY, [secret])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, old)
