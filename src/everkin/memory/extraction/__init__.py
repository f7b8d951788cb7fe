"""Facts out of messages: by rules for a language, or by a language model."""
