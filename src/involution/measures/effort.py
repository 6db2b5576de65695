"""Ever more effort, ever less return: growth without profit, the effort-return gap, inventories, capital."""
