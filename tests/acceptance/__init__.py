"""Acceptance tiers A to I of the simulated study: what is planted is found, and what must fail fails."""
