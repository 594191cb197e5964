"""Words that simulated names are made of: things in six languages, and syllables of invented places and people."""

LANGUAGES = ("en", "de", "fr", "es", "ru", "ja")
THINGS = tuple(
    tuple(line.split("|"))
    for line in """
harbour|Hafen|port|puerto|гавань|みなと
orchard|Obstgarten|verger|huerto|сад|かじゅえん
signal|Signal|signal|señal|сигнал|シグナル
promise|Versprechen|promesse|promesa|обещание|やくそく
winter|Winter|hiver|invierno|зима|冬
machine|Maschine|machine|máquina|машина|マシン
river|Fluß|rivière|río|река|川
witness|Zeuge|témoin|testigo|свидетель|しょうにん
island|Insel|île|isla|остров|島
mirror|Spiegel|miroir|espejo|зеркало|かがみ
letter|Brief|lettre|carta|письмо|手紙
kingdom|Königreich|royaume|reino|королевство|王国
railway|Eisenbahn|chemin de fer|ferrocarril|железная дорога|鉄道
summer|Sommer|été|verano|лето|夏
comet|Komet|comète|cometa|комета|すいせい
archive|Archiv|archives|archivo|архив|アーカイブ
lantern|Laterne|lanterne|farol|фонарь|ランタン
valley|Tal|vallée|valle|долина|谷
circus|Zirkus|cirque|circo|цирк|サーカス
tide|Flut|marée|marea|прилив|しお
bakery|Bäckerei|boulangerie|panadería|пекарня|パンや
frontier|Grenze|frontière|frontera|граница|こっきょう
orchestra|Orchester|orchestre|orquesta|оркестр|オーケストラ
shadow|Schatten|ombre|sombra|тень|かげ
kite|Drachen|cerf-volant|cometa de papel|воздушный змей|たこ
captain|Käpt'n|capitaine|capitán|капитан|キャプテン
hedgehog|Igel|hérisson|erizo|ёжик|ハリネズミ
forest|Wald|forêt|bosque|лес|森
bridge|Brücke|pont|puente|мост|橋
tower|Turm|tour|torre|башня|塔
dream|Traum|rêve|sueño|мечта|夢
fox|Fuchs|renard|zorro|лиса|きつね
clockmaker|Uhrmacher|horloger|relojero|часовщик|とけいや
lighthouse|Leuchtturm|phare|faro de mar|маяк|とうだい
thief|Dieb|voleur|ladrón|вор|どろぼう
daughter|Tochter|fille|hija|дочь|むすめ
child|Kind|enfant|niño|ребёнок|こども
fairy tale|Märchen|conte de fées|cuento de hadas|сказка|おとぎばなし
storm|Sturm|tempête|tormenta|буря|あらし
garden|Garten|jardin|jardín|огород|庭
silence|Stille|silence|silencio|тишина|しずけさ
thunder|Donner|tonnerre|trueno|гром|かみなり
honey|Honig|miel|miel de abeja|мёд|はちみつ
market|Markt|marché|mercado|рынок|市場
mountain|Gebirge|montagne|montaña|гора|山
street|Straße|rue|calle|улица|通り
piano|Klavier|piano|piano|пианино|ピアノ
sailor|Matrose|marin|marinero|моряк|ふなのり
queen|Königin|reine|reina|королева|女王
wolf|Wolf|loup|lobo|волк|おおかみ
""".strip().splitlines()
)
"""Each in the languages of LANGUAGES, in their order."""
QUALITIES = (
    "Silent", "Golden", "Last", "Hidden", "Paper", "Electric", "Broken", "Distant", "Crimson", "Gentle", "Northern",
    "Hollow", "Second", "Velvet", "Burning", "Quiet", "Endless", "Iron", "Blue", "Forgotten", "Wild", "Half-Moon",
)  # fmt: skip
OF = {
    "en": "{a} of {b}",
    "de": "{a} von {b}",
    "fr": "{a} de {b}",
    "es": "{a} de {b}",
    "ru": "{a} из {b}",
    "ja": "{b}の{a}",
}
AND = {
    "en": "{a} and {b}",
    "de": "{a} und {b}",
    "fr": "{a} et {b}",
    "es": "{a} y {b}",
    "ru": "{a} и {b}",
    "ja": "{a}と{b}",
}
SENTENCE = {
    "en": "In {place}, {person} finds a {a} and loses a {b}.",
    "de": "In {place} findet {person} etwas: {a}. Verloren geht: {b}.",
    "fr": "À {place}, {person} trouve ceci : {a}. Et perd cela : {b}.",
    "es": "En {place}, {person} encuentra esto: {a}. Y pierde esto: {b}.",
    "ru": "{place}: {person} находит то, что зовётся {a}, и теряет то, что зовётся {b}.",
    "ja": "{place}で{person}は{a}を見つけ、{b}を失う。",
}
SYLLABLES = (
    ("ka", "ка", "カ"), ("to", "то", "ト"), ("mi", "ми", "ミ"), ("ran", "ран", "ラン"), ("ne", "не", "ネ"),
    ("san", "сан", "サン"), ("ru", "ру", "ル"), ("ta", "та", "タ"), ("no", "но", "ノ"), ("ri", "ри", "リ"),
    ("ben", "бен", "ベン"), ("do", "до", "ド"), ("mo", "мо", "モ"), ("sa", "са", "サ"), ("ke", "ке", "ケ"),
    ("ma", "ма", "マ"), ("go", "го", "ゴ"), ("pan", "пан", "パン"), ("zo", "зо", "ゾ"), ("bi", "би", "ビ"),
    ("ra", "ра", "ラ"), ("de", "де", "デ"), ("kon", "кон", "コン"), ("me", "ме", "メ"), ("so", "со", "ソ"),
)  # fmt: skip
"""In Latin, Cyrillic and Katakana."""
FIRST = (
    "Ada", "Bruno", "Chloé", "Dev", "Elif", "Femi", "Greta", "Hugo", "Inés", "Jürgen", "Kaya", "Łukasz", "Mina",
    "Noémie", "Oskar", "Priya", "Quinn", "Rosa", "Søren", "Tess", "Umar", "Věra", "Wanda", "Ximena", "Yuki", "Zoë",
)  # fmt: skip
GENRES = (
    "drama", "comedy", "thriller", "documentary", "animation", "science-fiction", "romance", "crime", "adventure",
    "horror", "history", "family", "music", "mystery",
)  # fmt: skip
PARTS = (
    "the stranger",
    "the inspector",
    "the pianist",
    "the neighbour",
    "the twin",
    "the pilot",
    "the widow",
    "the heir",
)
