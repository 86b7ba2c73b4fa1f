"""Programs that test a whole portal (bench, chaos, fuzz, timing, clocks), and stand-ins for providers of messages.

The test suite runs short forms of them. Nothing here imports from `tests`.
"""
