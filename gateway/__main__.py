"""`python -m gateway` runs the gateway."""

import gc

if __name__ == "__main__":
    gc.disable()  # until `serve`: imports leave hardly any garbage, and looking for it takes a tenth of a start

from gateway.app import build_app
from gateway.settings import GatewaySettings
from shared.serve import serve, settings_of

if __name__ == "__main__":
    settings = settings_of("gateway", GatewaySettings)
    serve("gateway", settings, build_app, operators=(settings.operator_host, settings.operator_port))
