"""The journeys tests."""
