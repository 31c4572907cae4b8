"""Telling people: a transactional outbox, delivered to inbox, desktop, SMS and e-mail."""
