"""What the model is shown. Pure: no async, no I/O; the same scene gives the same bytes."""
