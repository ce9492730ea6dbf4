"""The growth chart in layers: geometry and model (no Qt), colours, a painter with a module for each part."""
