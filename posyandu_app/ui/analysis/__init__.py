"""What the analysis screens ask and how they show the answers: pure functions, no widget."""
