"""What the machinery needs of the world, said as protocols."""
