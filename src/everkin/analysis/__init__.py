"""WHAT A MESSAGE SAYS: its feeling, its intent, how explicit it is, its language. Pure, in microseconds, never raises.

`reading.read(text)` answers all of it at once. How good each sense is, and how that was measured: docs/senses.md.
"""
