"""Who does a job that one replica at a time is enough for."""
