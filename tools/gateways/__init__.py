"""Stand-ins for providers of messages: an SMS gateway and a mail server, each in a separate process.

Tests start them (`running.py`), and so can whoever tries Rabta: `python -m tools.gateways.sms --help`. They are no
part of the product's images.
"""
