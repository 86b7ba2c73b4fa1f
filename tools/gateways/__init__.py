"""Stand-ins for those who carry messages: an SMS gateway and a mail server, each in a process of its own.

Tests start them (`running.py`), and so can whoever tries Rabta: `python -m tools.gateways.sms --help`. They are no
part of the product's images.
"""
