"""Programs that measure and try a whole suite (bench, chaos, fuzz, timing), and stand-ins for providers of messages.

Tests run them in short. Nothing here imports from `tests`.
"""
