"""Rabta on one machine without Docker: servers, processes, and commands.

This file imports nothing, because the launcher imports it before anything is installed.
"""
