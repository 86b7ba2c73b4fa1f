"""`python -m services.requests` runs the service."""

from services.requests.app import build_app
from services.requests.settings import RequestsSettings
from shared.serve import serve

if __name__ == "__main__":
    serve("requests", RequestsSettings(), build_app)
