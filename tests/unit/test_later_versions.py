"""What a later version stores is still read by an earlier one that runs beside it during an upgrade."""

from services.identity.accounts.models.audit import AuditedAct, What
from services.requests.proof.models import DayRoot
from services.requests.publishing.models import Partner
from services.routing.subscriptions.models.subscription import Secret, Subscription
from shared.records import known_fields
from tests.fakes import START

LATER = {"of_a_later_version": 1}


def test_a_subscription_and_its_secrets_may_have_more_fields() -> None:
    secret = Secret("sealed", START)
    known = Subscription("s", "water", "System", "webhook", "test", START, "https://example.com", (secret,), START)
    kept = known.document() | LATER
    kept["secrets"] = [one | LATER for one in kept["secrets"]]
    assert Subscription.of("water", kept) == known


def test_a_subscription_of_an_earlier_version_may_have_fewer() -> None:
    kept = {"id": "s", "name": "System", "kind": "pull", "mode": "test", "created_at": START}
    assert Subscription.of("water", kept) == Subscription("s", "water", "System", "pull", "test", START)


def test_an_act_in_the_audit_may_have_more_fields() -> None:
    act = AuditedAct("a", START, What.MADE, "admin", "officer", {"role": "head"})
    assert AuditedAct.of_document(act.document() | LATER) == act


def test_only_fields_that_a_class_has_are_read() -> None:
    assert known_fields(Partner, {"_id": "p", "name": "App", **LATER}) == {"name": "App"}
    assert known_fields(DayRoot, {"_id": "2026-11-30", "count": 3, **LATER}) == {"count": 3}
