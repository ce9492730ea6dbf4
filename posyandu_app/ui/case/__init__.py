"""The pages of the case screen: one task each."""
