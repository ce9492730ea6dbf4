"""One screen, one task; each with a pure state module beside it."""
