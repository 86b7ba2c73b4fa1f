"""`python -m services.requests` runs the service."""

import gc

if __name__ == "__main__":
    gc.disable()  # until `serve`: imports leave hardly any garbage, and looking for it takes a tenth of a start

from services.requests.app import build_app
from services.requests.settings import RequestsSettings
from shared.serve import serve, settings_of

if __name__ == "__main__":
    serve("requests", settings_of("requests", RequestsSettings), build_app)
