"""Work that is done in order: one piece at a time in each lane, the lanes side by side."""
