"""How many bits a picture of equal quality takes: searched ladders against a fixed one, codecs against each other."""
