"""Forms of letters: the public's and the office's."""
