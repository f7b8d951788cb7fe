"""The version of this house. The package's metadata is built from it."""

VERSION = "0.1.0"
