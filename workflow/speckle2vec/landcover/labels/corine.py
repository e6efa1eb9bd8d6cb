"""The nomenclature of CORINE Land Cover: codes, names and official colours.

Three levels: the code of a class begins with that of its parent. The levels 1 and 2 have
no colours of their own; they take that of their first class.
"""

LEVEL_1 = {
    1: "Artificial surfaces",
    2: "Agricultural areas",
    3: "Forest and semi natural areas",
    4: "Wetlands",
    5: "Water bodies",
}
LEVEL_2 = {
    11: "Urban fabric",
    12: "Industrial, commercial and transport units",
    13: "Mine, dump and construction sites",
    14: "Artificial, non-agricultural vegetated areas",
    21: "Arable land",
    22: "Permanent crops",
    23: "Pastures",
    24: "Heterogeneous agricultural areas",
    31: "Forests",
    32: "Scrub and/or herbaceous vegetation associations",
    33: "Open spaces with little or no vegetation",
    41: "Inland wetlands",
    42: "Maritime wetlands",
    51: "Inland waters",
    52: "Marine waters",
}
LEVEL_3 = {
    111: "Continuous urban fabric",
    112: "Discontinuous urban fabric",
    121: "Industrial or commercial units",
    122: "Road and rail networks and associated land",
    123: "Port areas",
    124: "Airports",
    131: "Mineral extraction sites",
    132: "Dump sites",
    133: "Construction sites",
    141: "Green urban areas",
    142: "Sport and leisure facilities",
    211: "Non-irrigated arable land",
    212: "Permanently irrigated land",
    213: "Rice fields",
    221: "Vineyards",
    222: "Fruit trees and berry plantations",
    223: "Olive groves",
    231: "Pastures",
    241: "Annual crops associated with permanent crops",
    242: "Complex cultivation patterns",
    243: "Land principally occupied by agriculture, with significant areas of natural vegetation",
    244: "Agro-forestry areas",
    311: "Broad-leaved forest",
    312: "Coniferous forest",
    313: "Mixed forest",
    321: "Natural grasslands",
    322: "Moors and heathland",
    323: "Sclerophyllous vegetation",
    324: "Transitional woodland-shrub",
    331: "Beaches, dunes, sands",
    332: "Bare rocks",
    333: "Sparsely vegetated areas",
    334: "Burnt areas",
    335: "Glaciers and perpetual snow",
    411: "Inland marshes",
    412: "Peat bogs",
    421: "Salt marshes",
    422: "Salines",
    423: "Intertidal flats",
    511: "Water courses",
    512: "Water bodies",
    521: "Coastal lagoons",
    522: "Estuaries",
    523: "Sea and ocean",
}
COLOURS = {
    111: "#e6004d",
    112: "#ff0000",
    121: "#cc4df2",
    122: "#cc0000",
    123: "#e6cccc",
    124: "#e6cce6",
    131: "#a600cc",
    132: "#a64d00",
    133: "#ff4dff",
    141: "#ffa6ff",
    142: "#ffe6ff",
    211: "#ffffa8",
    212: "#ffff00",
    213: "#e6e600",
    221: "#e68000",
    222: "#f2a64d",
    223: "#e6a600",
    231: "#e6e64d",
    241: "#ffe6a6",
    242: "#ffe64d",
    243: "#e6cc4d",
    244: "#f2cca6",
    311: "#80ff00",
    312: "#00a600",
    313: "#4dff00",
    321: "#ccf24d",
    322: "#a6ff80",
    323: "#a6e64d",
    324: "#a6f200",
    331: "#e6e6e6",
    332: "#cccccc",
    333: "#ccffcc",
    334: "#000000",
    335: "#a6e6cc",
    411: "#a6a6ff",
    412: "#4d4dff",
    421: "#ccccff",
    422: "#e6e6ff",
    423: "#a6a6e6",
    511: "#00ccf2",
    512: "#80f2e6",
    521: "#00ffa6",
    522: "#a6ffe6",
    523: "#e6f2ff",
}


def names(level: int) -> dict[int, str]:
    """Names of the classes of a level (1, 2 or 3) by code, in order."""
    return {1: LEVEL_1, 2: LEVEL_2, 3: LEVEL_3}[level]


def parent(code: int, level: int) -> int:
    """The class of a level that a level-3 code belongs to: 311 is 31 of level 2, 3 of 1."""
    return code // int(10 ** (3 - level))


def colour(code: int) -> str:
    """Colour of a class of any level, `#rrggbb`."""
    return next(value for key, value in COLOURS.items() if str(key).startswith(str(code)))
