"""Small generic pieces, each under 100 lines. May use the ground's words, nothing else."""
