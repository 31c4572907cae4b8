"""`script/server`: the whole platform on one machine, prepared and kept running."""
