"""Settings of the gateway."""

from pydantic import Field, SecretStr

from shared.settings import Settings


class GatewaySettings(Settings):
    """Addresses of the services, limits, live streams and pages. The gateway holds no data key."""

    operator_host: str = Field("127.0.0.1", description="address that serves health and metrics to operators")
    operator_port: int = Field(8079, description="port that serves them")

    data_key: SecretStr = SecretStr("")
    index_key: SecretStr = SecretStr("")

    identity_url: str = Field(
        "http://127.0.0.1:8081", description="base addresses of the replicas of identity, separated by commas"
    )
    requests_url: str = Field("http://127.0.0.1:8082", description="the same for requests")
    routing_url: str = Field("http://127.0.0.1:8083", description="the same for routing")
    notifier_url: str = Field("http://127.0.0.1:8084", description="the same for the notifier")

    rate_limits: bool = Field(True, description="rate limits on or off")
    rate_factor: float = Field(1.0, description="factor for all rate limits")
    trusted_proxies: int = Field(
        0,
        description="how many of your own proxies are in front of the gateway and append the address they saw to "
        "`X-Forwarded-For`",
    )
    streams_per_account: int = Field(5, description="live streams open at once for an account")
    streams_per_request: int = Field(20, description="the same for a request that is tracked without an account")
    streams_per_address: int = Field(300, description="the same for a client address")
    streams_in_all: int = Field(5000, description="the same for this process")
    stream_every: float = Field(15.0, description="seconds after which a live stream looks for news if no wake-up came")
    security_contact: str = Field(
        "https://rabta.example/security", description="contact in `security.txt`; set your own"
    )

    web_key: SecretStr = Field(
        description="base64 of 32 random bytes: encrypts the sessions of the pages; the same for all gateways"
    )
    old_web_keys: SecretStr = Field(
        SecretStr(""), description="earlier keys of the pages, separated by commas: they only decrypt"
    )
    helpline: str = Field("", description="phone number of the helpline, shown on every page if set")
    helpline_hours: str = Field("", description="opening hours of the helpline, in English")
    helpline_hours_ur: str = Field("", description="the same in Urdu")

    def web_keys(self) -> list[str]:
        """The keys that encrypt the sessions of the pages, the newest first."""
        old = self.old_web_keys.get_secret_value().split(",")
        return [self.web_key.get_secret_value(), *(key.strip() for key in old if key.strip())]

    def replicas(self) -> dict[str, list[str]]:
        """The base URLs of each service's replicas."""
        return {
            name: [url.strip().rstrip("/") for url in getattr(self, f"{name}_url").split(",") if url.strip()]
            for name in ("identity", "requests", "routing", "notifier")
        }
