"""A real Postfix on loopback, in separate folders and apart from the machine's own mail system.

It relays everything to one other server, and sends a bounce if that refuses a recipient. Only root can start it;
where it is missing, `./rabta test` installs it for root.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.home import ROOT
from deploy.local.ports import Ports
from deploy.local.probes import greeting_probe
from deploy.local.process import Process

DAEMONS = Path("/usr/lib/postfix/sbin")
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.rabta.example
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
alias_database =
relayhost = [127.0.0.1]:{relay}
disable_dns_lookups = yes
notify_classes =
in_flow_delay = 0
maillog_file = /dev/stdout
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr fifo n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def can_run() -> bool:
    """Whether Postfix is installed and can be started."""
    return os.geteuid() == 0 and (DAEMONS / "master").exists()


@contextmanager
def postfix(relay: int) -> Iterator[str]:
    """Its address, as for RABTA_EMAIL_SERVER. It relays everything to the port `relay`."""
    ports = Ports()
    with TemporaryDirectory(prefix="rabta-postfix-") as name:
        folder, port = Path(name), ports.take(None)
        process = _process(folder, port, relay)
        process.start()
        try:
            process.wait_ready()
            yield f"smtp://127.0.0.1:{port}?tls=never"
        finally:
            process.stop()
            ports.release()


def _process(folder: Path, port: int, relay: int) -> Process:
    folder.chmod(0o755)
    for each in ("conf", "queue", "data"):
        (folder / each).mkdir()
    shutil.chown(folder / "data", "postfix")
    main = MAIN.format(folder=folder, daemons=DAEMONS, relay=relay)
    (folder / "conf" / "main.cf").write_text(main, encoding="ascii")
    (folder / "conf" / "master.cf").write_text(MASTER.format(port=port), encoding="ascii")
    # It makes the folders of the queue.
    subprocess.run(["postfix", "-c", str(folder / "conf"), "check"], check=True, capture_output=True, timeout=30)
    return Process(
        "postfix",
        [str(DAEMONS / "master"), "-c", str(folder / "conf"), "-d"],
        environment=dict(os.environ),
        folder=ROOT,
        log=folder / "log",
        probe=lambda: greeting_probe("127.0.0.1", port, b"220", "does not greet as a mail server"),
        port=port,
    )
