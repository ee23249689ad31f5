"""The restaurant's branches: hours, zones, tables, taxes, capacity."""
