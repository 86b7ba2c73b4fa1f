"""`python -m gateway` runs the gateway."""

from gateway.app import build_app
from gateway.settings import GatewaySettings
from shared.serve import serve, settings_of

if __name__ == "__main__":
    settings = settings_of("gateway", GatewaySettings)
    serve("gateway", settings, build_app, operators=(settings.operator_host, settings.operator_port))
