"""Units, divisions, positions, who holds them, who stands in, and as what somebody acts."""
