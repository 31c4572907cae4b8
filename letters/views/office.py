def letters(request): ...


draft = identity = withdraw = letters
