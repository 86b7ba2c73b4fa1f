"""Subscriptions of departments' software to their feed: pulled by lease, or sent to a webhook.

A subscription itself (name, address, secrets) is stored in its department's record, so that each change is one write
with its event for the audit. Its progress is stored here, in `subscriptions`: up to which number everything is
acknowledged, and the few later messages that are leased, returned or given up.
"""
