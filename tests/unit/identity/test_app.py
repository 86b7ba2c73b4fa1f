"""The wired app: rights of routes, settings, API description."""

import base64

import pytest
from fastapi.routing import APIRoute
from pydantic import SecretStr, ValidationError

from services.identity.api import PARTS
from services.identity.app import build_app
from services.identity.settings import IdentitySettings
from shared.auth import public
from shared.settings import Environment


def settings(
    env: Environment = Environment.TEST, admin_login: str | None = None, admin_password: str | None = None
) -> IdentitySettings:
    """Settings with keys."""
    return IdentitySettings(
        env=env,
        data_key=SecretStr(base64.b64encode(b"d" * 32).decode()),
        index_key=SecretStr(base64.b64encode(b"i" * 32).decode()),
        admin_login=admin_login,
        admin_password=SecretStr(admin_password) if admin_password else None,
    )


def test_every_route_requires_a_right() -> None:
    routes = [route for part in PARTS for route in part.router.routes if isinstance(route, APIRoute)]
    assert {route.path for route in routes} == build_app(settings()).openapi()["paths"].keys()
    for route in routes:
        direct = route.dependant.dependencies
        calls = [each.call for dependency in direct for each in (dependency, *dependency.dependencies)]
        assert public in calls or any(hasattr(call, "right") for call in calls), route.path


def test_bodies_are_described_with_an_example() -> None:
    description = build_app(settings()).openapi()
    register = description["paths"]["/api/v1/registrations"]["post"]
    content = register["requestBody"]["content"]["application/json"]
    assert content["example"]["cnic"]
    named = content["schema"]["$ref"].rpartition("/")[2]
    assert description["components"]["schemas"][named]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("env", "login", "password"),
    [
        (Environment.PRODUCTION, "admin", "fourteen chars"),
        (Environment.TEST, "admin", None),
        (Environment.TEST, None, "test-administrator"),
    ],
)
def test_invalid_first_administrator_stops_the_start(env: Environment, login: str | None, password: str | None) -> None:
    with pytest.raises(ValidationError):
        settings(env, login, password)


def test_a_long_password_will_do_in_production() -> None:
    assert settings(Environment.PRODUCTION, "admin", "fifteen letters").admin_login == "admin"


def test_staff_need_a_second_factor_in_production_unless_the_settings_say_otherwise() -> None:
    assert settings(Environment.PRODUCTION).needs_totp
    assert not settings(Environment.DEMO).needs_totp
    assert not settings(Environment.TEST).needs_totp
    for env in (Environment.PRODUCTION, Environment.TEST):
        for says in (True, False):
            assert settings(env).model_copy(update={"staff_totp_required": says}).needs_totp is says
