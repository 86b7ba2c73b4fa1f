"""A real IMAP server on loopback: Dovecot, with one mailbox that anybody with its password reads."""

import imaplib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import apt

PROGRAM = Path("/usr/sbin/dovecot")
USER, PASSWORD = "bounces", "p@ss/word"
OWNER = "nobody"
"""Whom the mailbox belongs to where we are root: Dovecot keeps none for root."""
CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
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


@dataclass(frozen=True)
class ImapServer:
    """Where it is."""

    port: int

    @property
    def url(self) -> str:
        """As a setting names it."""
        return f"imap://{USER}:p%40ss%2Fword@127.0.0.1:{self.port}/INBOX?tls=never"

    def put(self, mail: bytes) -> None:
        """Let an email arrive."""
        with self._box() as box:
            box.append("INBOX", "", None, mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))  # type: ignore[arg-type]

    def kept(self) -> list[str]:
        """The flags of each email that is there."""
        with self._box() as box:
            box.select("INBOX", readonly=True)
            _, found = box.search(None, "ALL")
            numbers = found[0].decode().split()
            return [box.fetch(number, "(FLAGS)")[1][0].decode() for number in numbers]  # type: ignore[union-attr]

    @contextmanager
    def _box(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as box:
            box.login(USER, PASSWORD)
            yield box


@contextmanager
def imap_server(port: int) -> Iterator[ImapServer]:
    """One that runs for as long as this lasts, with an empty mailbox."""
    if not PROGRAM.exists():
        apt.install(("dovecot-imapd",), Path(tempfile.gettempdir()) / "apt-dovecot.log")
    home = Path(tempfile.mkdtemp(prefix="rabta-imap-"))
    owner, group = (OWNER, "nogroup") if os.geteuid() == 0 else (str(os.geteuid()), str(os.getegid()))
    for folder in ("run", "state", "mail"):
        (home / folder).mkdir()
    if os.geteuid() == 0:
        home.chmod(0o755)
        for folder in (home, home / "mail"):
            shutil.chown(folder, owner, group)
    settings = CONFIGURATION.format(home=home, owner=owner, group=group, password=PASSWORD, port=port)
    (home / "dovecot.conf").write_text(settings)
    process = subprocess.Popen([PROGRAM, "-F", "-c", home / "dovecot.conf"])
    try:
        _wait_for(port, process)
        yield ImapServer(port)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            imaplib.IMAP4("127.0.0.1", port, timeout=2).shutdown()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("Dovecot does not answer")
