"""Rabta on one machine without Docker: the servers, the processes, and the commands that watch them.

This file imports nothing, because the launcher reads it before anything is installed.
"""
