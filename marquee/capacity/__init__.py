"""How much of everything a number of viewers and titles needs: arithmetic on measured unit costs, and a simulated
evening that checks it. Knows only the ground; nothing else stands on it but the command line."""
