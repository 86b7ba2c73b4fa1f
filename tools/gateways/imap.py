"""A real IMAP server on loopback: Dovecot, with one mailbox. For root, `./rabta test` installs it."""

import imaplib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.home import ROOT
from deploy.local.ports import Ports
from deploy.local.probes import greeting_probe
from deploy.local.process import Process

PROGRAM = Path("/usr/sbin/dovecot")
USER, PASSWORD = "bounces", "p@ss/word"
CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/mail
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def can_run() -> bool:
    """Whether Dovecot is installed."""
    return PROGRAM.exists()


@dataclass(frozen=True)
class ImapServer:
    """A running IMAP server."""

    port: int

    @property
    def url(self) -> str:
        """Its address, as for RABTA_BOUNCE_MAILBOX."""
        return f"imap://{USER}:p%40ss%2Fword@127.0.0.1:{self.port}/INBOX?tls=never"

    def put(self, mail: bytes) -> None:
        """Put an email into the mailbox."""
        with self._box() as box:
            status, _ = box.append("INBOX", "", "", b"\r\n".join(mail.splitlines()))
            assert status == "OK"

    def kept(self) -> list[str]:
        """Subject and flags of each email in the mailbox."""
        with self._box() as box:
            box.select("INBOX", readonly=True)
            _, [numbers] = box.search(None, "ALL")
            return [
                str(box.fetch(number.decode(), "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1])
                for number in numbers.split()
            ]

    @contextmanager
    def _box(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as box:
            box.login(USER, PASSWORD)
            yield box


@contextmanager
def dovecot() -> Iterator[ImapServer]:
    """A server with an empty mailbox, while the context is open. Dovecot refuses root, so the mailbox is nobody's."""
    ports = Ports()
    with TemporaryDirectory(prefix="rabta-imap-", ignore_cleanup_errors=True) as name:
        home, port = Path(name), ports.take(None)
        is_root = os.geteuid() == 0
        owner, group = ("nobody", "nogroup") if is_root else (str(os.geteuid()), str(os.getegid()))
        for folder in ("run", "state", "mail"):
            (home / folder).mkdir()
        if is_root:
            home.chmod(0o755)
            shutil.chown(home, owner, group)
            shutil.chown(home / "mail", owner, group)
        settings = CONFIGURATION.format(home=home, owner=owner, group=group, password=PASSWORD, port=port)
        (home / "dovecot.conf").write_text(settings)
        process = Process(
            "dovecot",
            [str(PROGRAM), "-F", "-c", str(home / "dovecot.conf")],
            environment=dict(os.environ),
            folder=ROOT,
            log=home / "log",
            probe=lambda: greeting_probe("127.0.0.1", port, b"* OK", "does not greet as Dovecot"),
            port=port,
        )
        process.start()
        try:
            process.wait_ready()
            yield ImapServer(port)
        finally:
            process.stop()
            ports.release()
