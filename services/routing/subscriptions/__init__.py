"""Subscriptions of departments' software to their feed: pulled by lease, or sent to a webhook.

A subscription itself is stored in its department's record, so that each change is one write with its event for the
audit. Its progress is stored here: up to which number all is acknowledged, and the few later messages that are open.
"""
