"""After the reply: what is learnt, summed up and indexed, off the hot path."""
