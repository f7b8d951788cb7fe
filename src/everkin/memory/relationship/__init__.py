"""The relationship of a user and a character: events found in messages, and the formula that folds them."""
