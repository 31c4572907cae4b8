"""Gateways for SMS and e-mail: transport only. What is sent, when and to whom is decided above."""
