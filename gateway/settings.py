"""Settings of the gateway."""

from pydantic import Field, SecretStr

from shared.settings import Settings


class GatewaySettings(Settings):
    """Where the services are (base URLs, one per replica, separated by commas), limits and live streams.

    `rate_factor` raises all limits alike; `rate_limits` false takes them away. `trusted_proxies` is how many proxies
    of ours stand before this door and add the address they saw to X-Forwarded-For. Health and metrics are told on
    `operator_host` and `operator_port` alone. The gateway holds no data key. `helpline` is the number that every page
    names, with the hours in which somebody answers; without it pages name none.
    """

    operator_host: str = "127.0.0.1"
    operator_port: int = 8079

    data_key: SecretStr = SecretStr("")
    index_key: SecretStr = SecretStr("")

    identity_url: str = "http://127.0.0.1:8081"
    requests_url: str = "http://127.0.0.1:8082"
    routing_url: str = "http://127.0.0.1:8083"
    notifier_url: str = "http://127.0.0.1:8084"

    rate_limits: bool = True
    rate_factor: float = 1.0
    trusted_proxies: int = 0
    streams_per_account: int = 5
    streams_per_request: int = 20
    streams_per_address: int = 300
    streams_in_all: int = 5000
    stream_every: float = 15.0
    security_contact: str = "https://rabta.example/security"

    web_key: SecretStr = Field(description="base64 of 32 random bytes: seals the sessions of the pages")
    old_web_keys: SecretStr = Field(
        SecretStr(""), description="keys of the pages before this one, with commas between: only open"
    )
    helpline: str = ""
    helpline_hours: str = ""
    helpline_hours_ur: str = ""

    def web_keys(self) -> list[str]:
        """The keys that seal the sessions of the pages, the newest first."""
        old = self.old_web_keys.get_secret_value().split(",")
        return [self.web_key.get_secret_value(), *(key.strip() for key in old if key.strip())]

    def replicas(self) -> dict[str, list[str]]:
        """The base URLs of each service's replicas."""
        urls = {
            "identity": self.identity_url,
            "requests": self.requests_url,
            "routing": self.routing_url,
            "notifier": self.notifier_url,
        }
        return {
            name: [url.strip().rstrip("/") for url in text.split(",") if url.strip()] for name, text in urls.items()
        }
