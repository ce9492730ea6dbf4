"""The growth chart in layers: geometry and model (no Qt), colours, and one painter for every surface."""
