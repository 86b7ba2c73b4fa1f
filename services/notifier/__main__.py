"""`python -m services.notifier` runs the service."""

from services.notifier.app import build_app
from services.notifier.settings import NotifierSettings
from shared.serve import serve, settings_of

if __name__ == "__main__":
    serve("notifier", settings_of("notifier", NotifierSettings), build_app)
