"""Users, sign-in and the audit log of everything that is not about a case."""
