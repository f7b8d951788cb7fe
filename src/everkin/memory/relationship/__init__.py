"""The relationship of a person and a character: events and the formula."""
