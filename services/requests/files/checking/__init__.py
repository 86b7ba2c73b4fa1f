"""Decides whether a file is accepted and in which form it is stored, by decoding it in a separate process."""
