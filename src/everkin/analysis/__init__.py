"""Analysis of a single message: emotion, intent, NSFW level, language, crisis. Pure, takes microseconds, never raises.

`message_analysis.analyse(text)` returns all of them. How accurate each is, and how that was measured: docs/senses.md.
"""
