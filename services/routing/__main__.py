"""`python -m services.routing` runs the service."""

from services.routing.app import build_app
from services.routing.settings import RoutingSettings
from shared.serve import serve, settings_of

if __name__ == "__main__":
    serve("routing", settings_of("routing", RoutingSettings), build_app)
