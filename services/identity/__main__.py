"""`python -m services.identity` runs the service."""

from services.identity.app import build_app
from services.identity.settings import IdentitySettings
from shared.serve import serve, settings_of

if __name__ == "__main__":
    serve("identity", settings_of("identity", IdentitySettings), build_app)
