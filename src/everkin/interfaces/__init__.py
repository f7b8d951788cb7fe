"""The doors: parse, recognise the caller, call App, render. No SQL, prompts or providers here."""
