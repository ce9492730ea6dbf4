"""Pictures of a district's figures: each one model and one paint function, for screen, PNG and PDF alike."""
