"""Public responses are cached for some seconds, and no others."""

from gateway.web.portal import MAX_ENTRIES, PublicCache


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_public_response_is_cached_for_its_language() -> None:
    clock = Clock()
    answers: PublicCache[str] = PublicCache(clock)
    answers.keep("/catalogue", "en", {"cache-control": "public, max-age=60"}, "all")
    assert answers.find("/catalogue", "en") == "all"
    assert answers.find("/catalogue", "ur") is None
    assert answers.find("/catalogue?q=a", "en") is None
    clock.now = 10.0
    assert answers.find("/catalogue", "en") is None


def test_private_response_is_never_cached() -> None:
    answers: PublicCache[str] = PublicCache()
    for control in ("", "no-store", "private, max-age=60", "max-age=60", "private, public, max-age=60"):
        answers.keep("/me", "en", {"cache-control": control}, "mine")
    assert answers.find("/me", "en") is None


def test_cache_has_a_maximum_size() -> None:
    answers: PublicCache[int] = PublicCache()
    for number in range(MAX_ENTRIES + 5):
        answers.keep(f"/{number}", "en", {"cache-control": "public, max-age=60"}, number)
    assert answers.find("/0", "en") is None
    assert answers.find(f"/{MAX_ENTRIES}", "en") == MAX_ENTRIES
