"""The pure rules of subscriptions."""
