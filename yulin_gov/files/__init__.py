"""Stored files: checked by their content on the way in, served only by the view of what they belong to."""
