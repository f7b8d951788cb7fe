"""Assembly of prompts. Pure: no async and no I/O; the same scene gives the same bytes."""
