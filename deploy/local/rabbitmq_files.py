"""Files and variables that make the distribution's RabbitMQ a private node (3.10 and 4.x)."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from deploy.local.home import private_folder, write_private

USER = "rabta"
VHOST = "rabta"

CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
management.rates_mode = basic
default_user = {user}
default_pass = {password}
default_vhost = {vhost}
default_user_tags.administrator = true
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
heartbeat = 10
disk_free_limit.absolute = 512MB
raft.wal_max_size_bytes = 67108864
log.console = true
log.console.level = info
log.connection.level = warning
"""


@dataclass(frozen=True)
class BrokerPorts:
    """The ports of AMQP, the management API, Erlang distribution, and Erlang's port mapper."""

    amqp: int
    management: int
    distribution: int
    epmd: int


def write_files(folder: Path, ports: BrokerPorts, password: str) -> None:
    """Write configuration, plugins and cookie; replaces existing files, except the cookie."""
    private_folder(folder)
    private_folder(folder / "conf.d")
    write_private(folder / "env.conf", "")
    write_private(folder / "enabled_plugins", "[rabbitmq_management].\n")
    write_private(
        folder / "rabbitmq.conf",
        CONFIG.format(amqp=ports.amqp, management=ports.management, user=USER, password=password, vhost=VHOST),
    )
    cookie = folder / ".erlang.cookie"
    if not cookie.exists():
        write_private(cookie, secrets.token_hex(16))
        cookie.chmod(0o400)


def node_environment(folder: Path, ports: BrokerPorts) -> dict[str, str]:
    """The node's environment, which keeps it apart from the machine's own RabbitMQ."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_", "NOTIFY_"))
    }
    return inherited | {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(ports.epmd),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "rabta@localhost",
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONFIG_FILES": str(folder / "conf.d"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        # The start script becomes the Erlang process instead of waiting beside it, so it gets signals directly.
        "RUNNING_UNDER_SYSTEMD": "true",
    }
