"""Who may do what at which outlet."""
