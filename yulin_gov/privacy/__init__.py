"""Personal data: encrypted at rest, erased by destroying a key, masked in lists, found in text."""
