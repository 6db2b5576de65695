"""What an industry goes through: entry and exit, dispersion of margins, profit elasticity, price falls, capacity."""
