"""`python -m services.identity` runs the service."""

from services.identity.app import build_app
from services.identity.settings import IdentitySettings
from shared.serve import serve

if __name__ == "__main__":
    serve("identity", IdentitySettings(), build_app)
