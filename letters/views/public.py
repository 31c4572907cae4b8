def letters(request): ...


write = done = track = end_tracking = letter = letters
