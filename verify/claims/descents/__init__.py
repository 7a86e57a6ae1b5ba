"""End points of descents."""
