"""How the effect of a treatment depends on moderators: interactions within firms, effects over the moderator."""
