"""Citizens' letters (群众来信): written to a department, answered in time, published with consent."""
