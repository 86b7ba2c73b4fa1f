"""`python -m services.routing` runs the service."""

from services.routing.app import build_app
from services.routing.settings import RoutingSettings
from shared.serve import serve

if __name__ == "__main__":
    serve("routing", RoutingSettings(), build_app)
