"""Bounces as different mail servers send them, all about the message with `REFERENCE`."""

REFERENCE = "0123456789abcdef0123456789abcdef"
ADDRESS = "ayesha@example.com"


def postfix(
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <ayesha@example.com>: Recipient address rejected: User unknown",
    action: str = "failed", to: str = "no-reply@rabta.example",
) -> bytes:  # fmt: skip
    """Postfix returns the whole message."""
    return f"""Return-Path: <>
Received: by mail.rabta.example (Postfix) id 4B1C; Mon, 2 Mar 2026 09:00:01 +0000 (UTC)
Date: Mon, 2 Mar 2026 09:00:01 +0000 (UTC)
From: MAILER-DAEMON@mail.rabta.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4B1C.1772442001/mail.rabta.example"
Message-Id: <20260302090001.4B1C@mail.rabta.example>

This is a MIME-encapsulated message.

--4B1C.1772442001/mail.rabta.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

--4B1C.1772442001/mail.rabta.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.rabta.example
X-Postfix-Queue-ID: 4B1C
X-Postfix-Sender: rfc822; no-reply@rabta.example
Arrival-Date: Mon,  2 Mar 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; {ADDRESS}
Original-Recipient: rfc822;{ADDRESS}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.com
Diagnostic-Code: {diagnostic}

--4B1C.1772442001/mail.rabta.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: Rabta <no-reply@rabta.example>
To: {ADDRESS}
Subject: Your Rabta code
Message-ID: <{REFERENCE}@rabta.example>
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

Your code is 123456.

--4B1C.1772442001/mail.rabta.example--
""".encode()


def exim() -> bytes:
    """Exim returns only the headers."""
    return f"""From: Mail Delivery System <Mailer-Daemon@mail.rabta.example>
To: no-reply@rabta.example
Auto-Submitted: auto-replied
X-Failed-Recipients: {ADDRESS}
Content-Type: multipart/report; report-type=delivery-status; boundary=1772442001-eximdsn-1804289383
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1abcde-000001-00@mail.rabta.example>

--1772442001-eximdsn-1804289383
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

  {ADDRESS}
    host mx.example.com [203.0.113.9]
    SMTP error from remote mail server after RCPT TO:<{ADDRESS}>:
    550 No Such User Here

--1772442001-eximdsn-1804289383
Content-type: message/delivery-status

Reporting-MTA: dns; mail.rabta.example

Action: failed
Final-Recipient: rfc822;{ADDRESS}
Status: 5.0.0
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 No Such User Here

--1772442001-eximdsn-1804289383
Content-type: text/rfc822-headers

From: Rabta <no-reply@rabta.example>
To: {ADDRESS}
Message-ID: <{REFERENCE}@rabta.example>
Subject: Your Rabta code

--1772442001-eximdsn-1804289383--
""".encode()


def old_exim() -> bytes:
    """Exim before 4.90: plain text with its own header, followed by the message."""
    return f"""From: Mail Delivery System <Mailer-Daemon@mail.rabta.example>
To: bounce+{REFERENCE}@rabta.example
X-Failed-Recipients: {ADDRESS}
Subject: Mail delivery failed: returning message to sender
Content-Type: text/plain

A message that you sent could not be delivered to one or more of its recipients.
This is a permanent error. The following address(es) failed:

  {ADDRESS}
    Unrouteable address
    550 5.1.1 unknown user
""".encode()


def exchange() -> bytes:
    """Exchange: CRLF, HTML beside the text, its own codes."""
    return f"""From: <postmaster@example.com>
To: <no-reply@rabta.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="d3e37a3a-8a5a-4a8e-9a35-1b1d9f4ce1f4"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-US
Message-ID: <54c2@EXCH01.example.com>
In-Reply-To: <{REFERENCE}@rabta.example>
References: <{REFERENCE}@rabta.example>
Subject: Undeliverable: Your Rabta code

--d3e37a3a-8a5a-4a8e-9a35-1b1d9f4ce1f4
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="00a7a2a0-5b5a"

--00a7a2a0-5b5a
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message couldn't be delivered.

--00a7a2a0-5b5a
Content-Type: text/html; charset="us-ascii"

<html><body>Your message couldn't be delivered.</body></html>

--00a7a2a0-5b5a--

--d3e37a3a-8a5a-4a8e-9a35-1b1d9f4ce1f4
Content-Type: message/delivery-status

Reporting-MTA: dns;EXCH01.example.com
Received-From-MTA: dns;mail.rabta.example
Arrival-Date: Mon, 2 Mar 2026 09:00:00 +0000

Original-Recipient: rfc822;{ADDRESS}
Final-Recipient: rfc822;{ADDRESS}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--d3e37a3a-8a5a-4a8e-9a35-1b1d9f4ce1f4--
""".replace("\n", "\r\n").encode()


def gmail() -> bytes:
    """Gmail: an image among its parts, the message without its text."""
    return f"""From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: bounce+{REFERENCE}@rabta.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: <{REFERENCE}@rabta.example>
In-Reply-To: <{REFERENCE}@rabta.example>
Message-ID: <69a5.050a0220.1.2@mx.google.com>
MIME-Version: 1.0
Content-Type: multipart/report; boundary="000000000000a1b2c3"; report-type=delivery-status

--000000000000a1b2c3
Content-Type: multipart/related; boundary="000000000000d4e5f6"

--000000000000d4e5f6
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--000000000000d4e5f6
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==

--000000000000d4e5f6--
--000000000000a1b2c3
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Received-From-MTA: dns; no-reply@rabta.example
Arrival-Date: Mon, 02 Mar 2026 01:00:01 -0800 (PST)
X-Original-Message-ID: <{REFERENCE}@rabta.example>

Final-Recipient: rfc822; {ADDRESS}
Action: failed
Status: 5.1.1
Remote-MTA: dns; gmail-smtp-in.l.google.com. (203.0.113.27, the server for the domain.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try
 550-5.1.1 double-checking the recipient's email address for typos or
 550 5.1.1 unnecessary spaces.
Last-Attempt-Date: Mon, 02 Mar 2026 01:00:02 -0800 (PST)

--000000000000a1b2c3
Content-Type: message/rfc822

Message-ID: <{REFERENCE}@rabta.example>
Content-Type: text/plain

--000000000000a1b2c3--
""".encode()


HARD = {"postfix": postfix(), "exim": exim(), "old exim": old_exim(), "exchange": exchange(), "gmail": gmail()}
"""A report of an unknown mailbox from each server."""
