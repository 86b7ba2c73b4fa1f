"""Rate limits, with a clock that the test moves."""

import pytest

from gateway.addresses import address_key, client_address
from gateway.headers import partner_of
from gateway.limits import ACCOUNT, ADDRESS, LIMITS, Limits, RequestLimit
from gateway.routes import ROUTES, SIGNED_IN, ProxyRoute, RouteTable
from shared.errors import TooManyRequestsError, words
from tests.cases import cases


class Clock:
    """A clock that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def limits(clock: Clock, **more: float) -> Limits:
    """A small limit: three in a minute."""
    return Limits({"few": RequestLimit(3, 60)}, clock=clock, **more)


def test_quota_can_be_used_at_once_and_returns_evenly() -> None:
    clock = Clock()
    buckets = limits(clock)
    assert [dict(buckets.take("few", "a"))[b"ratelimit"] for _ in range(3)] == [
        b'"few";r=2;t=20',
        b'"few";r=1;t=40',
        b'"few";r=0;t=60',
    ]
    with pytest.raises(TooManyRequestsError) as refused:
        buckets.take("few", "a")
    assert refused.value.headers == {
        "Retry-After": "20",
        "RateLimit": '"few";r=0;t=60',
        "RateLimit-Policy": '"few";q=3;w=60',
    }
    clock.now += 19
    with pytest.raises(TooManyRequestsError):
        buckets.take("few", "a")
    clock.now += 1
    buckets.take("few", "a")


def test_refused_request_does_not_count() -> None:
    clock = Clock()
    buckets = limits(clock)
    for _ in range(3):
        buckets.take("few", "a")
    for _ in range(50):
        with pytest.raises(TooManyRequestsError):
            buckets.take("few", "a")
    clock.now += 20
    buckets.take("few", "a")


def test_clients_are_counted_separately() -> None:
    buckets = limits(Clock())
    for _ in range(3):
        buckets.take("few", "a")
    buckets.take("few", "b")


def test_policy_is_on_every_response() -> None:
    assert dict(limits(Clock()).take("few", "a"))[b"ratelimit-policy"] == b'"few";q=3;w=60'


def test_limits_can_be_scaled_and_removed() -> None:
    raised = limits(Clock(), factor=10)
    for _ in range(30):
        raised.take("few", "a")
    with pytest.raises(TooManyRequestsError):
        raised.take("few", "a")
    assert Limits({}).take("few", "a") == []


def test_quota_is_never_zero() -> None:
    Limits({"few": RequestLimit(3, 60)}, factor=0.001).take("few", "a")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.limits.MAX_BUCKETS", 10)
    buckets = limits(Clock())
    for caller in range(100):
        buckets.take("few", str(caller))
    assert len(buckets._buckets) == 10


@cases("route", [RouteTable().find(method, row.prefix) for row in ROUTES for method in row.methods.split()])
def test_every_route_counts_the_client_that_its_problem_names(route: ProxyRoute) -> None:
    """Routes with a session are counted by account, those of partners by key, all others by address."""
    assert (LIMITS[route.limit].code == ACCOUNT) is (route.access == SIGNED_IN or route.limit == "partner")


@pytest.mark.parametrize("limit", [limit for limit in LIMITS.values() if limit.code != ACCOUNT])
def test_limits_of_an_address_only_stop_floods(limit: RequestLimit) -> None:
    assert limit.quota >= 300
    assert {*words()[limit.code]["title"]} == {"en", "ur"}


def test_hundreds_of_people_can_share_an_address() -> None:
    clock = Clock()
    buckets = Limits(clock=clock)
    for _ in range(250):  # each within a second of the next
        clock.now += 1
        for name, times in {ADDRESS: 40, "public": 20, "register": 3, "login": 3, "track": 5, "public-live": 3}.items():
            for _ in range(times):
                buckets.take(name, "the school")


def test_a_partner_is_counted_by_its_key() -> None:
    buckets = Limits({"partner": RequestLimit(1, 60, ACCOUNT)}, clock=Clock())
    one, other = (partner_of({"Authorization": f"Partner {key}"}) for key in ("key-1", "key-2"))
    buckets.take("partner", one)
    buckets.take("partner", other)
    with pytest.raises(TooManyRequestsError):
        buckets.take("partner", one)
    assert "key-1" not in one
    assert partner_of({"Authorization": "Bearer token"}) == partner_of({}) == ""


def test_problem_names_the_holder_of_the_quota() -> None:
    buckets = Limits({"few": RequestLimit(1, 60), "own": RequestLimit(1, 60, ACCOUNT)}, clock=Clock())
    for name, code in (("few", "network-requests"), ("own", "too-many-requests")):
        buckets.take(name, "a")
        with pytest.raises(TooManyRequestsError) as refused:
            buckets.take(name, "a")
        assert refused.value.problem_code == code


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("strange:host", "strange:host", True),
    ],
)
def test_key_of_an_address(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, [b"1.1.1.1"], "10.0.0.1"),
        (1, [b"6.6.6.6, 1.1.1.1"], "1.1.1.1"),
        (1, [b"6.6.6.6", b"1.1.1.1"], "1.1.1.1"),
        (2, [b"6.6.6.6, 1.1.1.1, 10.0.0.9"], "1.1.1.1"),
        (1, [], "10.0.0.1"),
        (2, [b"1.1.1.1"], "10.0.0.1"),
    ],
)
def test_forwarded_address_is_trusted_only_from_our_proxies(trusted: int, forwarded: list[bytes], address: str) -> None:
    headers = [(b"x-forwarded-for", value) for value in forwarded]
    assert client_address({"client": ("10.0.0.1", 1), "headers": headers}, trusted) == address
