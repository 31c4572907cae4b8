"""Chinese full-text search over rows that the apps put in; it knows nothing of what they mean."""
