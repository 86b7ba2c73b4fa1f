"""The registry of identities: the port, and its adapters by the name that the settings use."""

from services.identity.citizens.registry.demo import DemoRegistry
from services.identity.citizens.registry.http import HttpRegistry
from services.identity.citizens.registry.port import IdentityRegistry, RegistryAwayError
from services.identity.settings import IdentitySettings


def registry_of(settings: IdentitySettings) -> IdentityRegistry | None:
    """The adapter that the settings name; None without a registry."""
    match settings.registry:
        case "http":
            key = settings.registry_key.get_secret_value() if settings.registry_key else None
            return HttpRegistry(
                settings.registry_url or "", key, timeout=settings.registry_timeout, rest=settings.registry_rest
            )
        case "demo":
            return DemoRegistry()
        case _:
            return None


__all__ = ["DemoRegistry", "HttpRegistry", "IdentityRegistry", "RegistryAwayError", "registry_of"]
