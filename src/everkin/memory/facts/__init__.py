"""Facts: the fold from findings to facts, their storage and their retention."""
