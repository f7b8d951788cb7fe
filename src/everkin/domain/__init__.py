"""Data types, protocols and errors that all packages share. Imports the standard library only."""
