"""Word lists for the names of simulated titles, people and viewers."""

GENRES = (
    "drama", "comedy", "thriller", "documentary", "animation", "science-fiction", "romance", "crime",
    "adventure", "horror", "history", "family", "music", "mystery",
)  # fmt: skip
FOR_CHILDREN = frozenset({"animation", "family", "adventure", "music"})
FIRST = (
    "Ada", "Bruno", "Carla", "Dev", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Liam", "Mina", "Noor",
    "Oskar", "Priya", "Quinn", "Rosa", "Sami", "Tess", "Umar", "Vera", "Wanda", "Ximena", "Yuki", "Zoran",
)  # fmt: skip
LAST = (
    "Abbott", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hoang", "Ivanov", "Jansen", "Kumar", "Lopez",
    "Moreau", "Novak", "Okafor", "Petit", "Quist", "Rossi", "Sato", "Tanaka", "Ueda", "Varga", "Weber", "Xu", "Young",
)  # fmt: skip
QUALITY = (
    "Silent", "Golden", "Last", "Hidden", "Paper", "Winter", "Electric", "Broken", "Distant", "Crimson", "Gentle",
    "Northern", "Hollow", "Second", "Velvet", "Burning", "Quiet", "Endless", "Iron", "Blue", "Forgotten", "Wild",
)  # fmt: skip
THING = (
    "Harbour", "Orchard", "Signal", "Promise", "Winter", "Machine", "Garden", "River", "Witness", "Parade", "Island",
    "Mirror", "Letter", "Kingdom", "Railway", "Summer", "Comet", "Archive", "Lantern", "Valley", "Circus", "Tide",
    "Bakery", "Frontier", "Orchestra", "Shadow",
)  # fmt: skip
