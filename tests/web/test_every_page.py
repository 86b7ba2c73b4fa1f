"""Every page, as people see it: accessible, whole, in both languages, on a phone and a desktop, light and dark."""

import pytest

from tests.web.looking import ugly, violations
from tests.web.person import DESKTOP, PHONE, People

PUBLIC = (
    "/", "/services", "/services?q=bijli", "/services?q=xyzzy", "/services/birth-certificate",
    "/services/street-light-out", "/departments/water", "/track", "/help", "/help/code-not-received",
    "/help/login-error", "/help/delay", "/help/verification-pending", "/prove", "/privacy", "/accessibility",
    "/published", "/sign-in", "/register", "/reset", "/staff/sign-in", "/anonymous", "/nowhere",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
async def test_public_pages(people: People, language: str, width: int) -> None:
    person = await people.somebody(language, width)
    wrong = []
    for path in PUBLIC:
        await person.open(path)
        found = await ugly(person.page)
        if width == PHONE:
            found += await violations(person.page)
            await person.page.emulate_media(color_scheme="dark")
            found += [f"dark: {one}" for one in await violations(person.page, "color-contrast")]
            await person.page.emulate_media(color_scheme="light")
        wrong += [f"{path}: {one}" for one in found]
    assert wrong == []
    assert person.strange == []
