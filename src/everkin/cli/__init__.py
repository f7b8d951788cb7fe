"""The command line: `everkin ...`."""
