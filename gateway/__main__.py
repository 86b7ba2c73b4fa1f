"""`python -m gateway` runs the gateway."""

from gateway.app import build_app
from gateway.settings import GatewaySettings
from shared.serve import serve

if __name__ == "__main__":
    settings = GatewaySettings()
    serve("gateway", settings, build_app, operators=(settings.operator_host, settings.operator_port))
