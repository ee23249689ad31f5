"""One-time codes that let a group or a person in."""
