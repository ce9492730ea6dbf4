"""What the field knows: pure Python, standard library only."""
