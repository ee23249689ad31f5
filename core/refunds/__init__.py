"""The owner gives money back: how much for which dishes, who has to agree, and what became of it."""
