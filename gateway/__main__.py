"""`python -m gateway` runs the gateway."""

from gateway.app import build_app
from gateway.settings import GatewaySettings
from shared.serve import serve

if __name__ == "__main__":
    serve("gateway", GatewaySettings(), build_app)
