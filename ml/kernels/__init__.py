"""Compiled loops of scoring. What a row gets depends on that row alone and is summed in one order, whoever is asked
about beside it and on whatever machine: parts of the viewers can be scored apart, and come out the same to the bit."""
