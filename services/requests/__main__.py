"""`python -m services.requests` runs the service."""

from services.requests.app import build_app
from services.requests.settings import RequestsSettings
from shared.serve import serve, settings_of

if __name__ == "__main__":
    serve("requests", settings_of("requests", RequestsSettings), build_app)
