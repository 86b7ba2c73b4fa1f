"""`python -m services.notifier` runs the service."""

from services.notifier.app import build_app
from services.notifier.settings import NotifierSettings
from shared.serve import serve

if __name__ == "__main__":
    serve("notifier", NotifierSettings(), build_app)
