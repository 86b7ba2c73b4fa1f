"""Calls every operation of the API as every role with generated values, and checks the responses."""
