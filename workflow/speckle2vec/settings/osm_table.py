"""Which tags of OpenStreetMap make which class, by default.

Keys and values as the OpenStreetMap wiki documents them (Map features). What stands
earlier wins: a feature is of the first class of a theme that its tags fit, and what is
drawn covers what stands later, buildings water and water land use. Widths are those of one
carriageway or track, where the wiki and road standards give several a middle one.
"""

from speckle2vec.settings.osm_classes import Form, OsmClass

Row = tuple[int, str, str, str, float, str]
"""Code, name, tags (`;` between), forms, width in metres, colour; `-` before the name: not
on the ground."""
_THEMES: dict[str, tuple[Row, ...]] = {
    "buildings": (
        (101, "house", "building=house|detached|semidetached_house|terrace|bungalow|residential"
         "|apartments|dormitory|cabin|static_caravan", "area", 0, "#b03a2e"),
        (102, "industrial building", "building=industrial|warehouse|factory|manufacture|hangar"
         "|storage_tank|silo|digester|transformer_tower", "area", 0, "#7d3c98"),
        (103, "commercial building", "building=commercial|retail|office|supermarket|hotel|kiosk",
         "area", 0, "#cb4335"),
        (104, "public building", "building=public|civic|school|kindergarten|university|college"
         "|hospital|government|church|chapel|cathedral|mosque|synagogue|temple|train_station",
         "area", 0, "#d98880"),
        (105, "farm building", "building=farm|farm_auxiliary|barn|cowshed|sty|stable", "area", 0,
         "#a04000"),
        (106, "greenhouse", "building=greenhouse", "area", 0, "#a2d9ce"),
        (107, "other building", "building=*", "area", 0, "#922b21"),
    ),
    "roads": (
        (201, "runway", "aeroway=runway", "line area", 40, "#566573"),
        (202, "taxiway", "aeroway=taxiway|apron|helipad", "line area", 20, "#7b7d7d"),
        (203, "motorway", "highway=motorway|motorway_link", "line marked-area", 12, "#e892a2"),
        (204, "trunk road", "highway=trunk|trunk_link", "line marked-area", 11, "#f9b29c"),
        (205, "primary road", "highway=primary|primary_link", "line marked-area", 10, "#fcd6a4"),
        (206, "secondary road", "highway=secondary|secondary_link", "line marked-area", 8,
         "#f7fabf"),
        (207, "tertiary road", "highway=tertiary|tertiary_link", "line marked-area", 7, "#e0e0a0"),
        (208, "minor road", "highway=unclassified|residential|living_street|road|busway",
         "line marked-area", 6, "#c0c0c0"),
        (209, "service road", "highway=service|services|rest_area", "line marked-area", 4,
         "#b0b0b0"),
        (210, "pedestrian area", "highway=pedestrian;place=square", "line marked-area", 5,
         "#dddde8"),
        (211, "track", "highway=track", "line marked-area", 3, "#996600"),
        (212, "path", "highway=path|footway|cycleway|bridleway|steps", "line marked-area", 2,
         "#fa8072"),
        (213, "parking", "amenity=parking", "area", 0, "#eeeeee"),
    ),
    "railways": (
        (301, "railway", "railway=rail|narrow_gauge|light_rail|funicular|monorail|preserved",
         "line", 5, "#404040"),
        (302, "tramway", "railway=tram", "line", 4, "#6e6e6e"),
        (303, "underground railway", "railway=subway", "line", 5, "#999999"),
        (304, "-disused railway", "railway=disused|abandoned|construction", "line", 4, "#aaaaaa"),
        (305, "platform", "railway=platform;public_transport=platform", "line area", 3, "#bbbbbb"),
        (306, "railway land", "landuse=railway;railway=yard|station", "area", 0, "#ebdbe8"),
    ),
    "power": (
        (401, "substation", "power=substation|sub_station|station", "point area", 20, "#d4ac0d"),
        (402, "solar plant", "power=plant + plant:source=solar;power=generator + "
         "generator:source=solar", "point area", 4, "#1a5276"),
        (403, "wind turbine", "power=generator + generator:source=wind", "point area", 15,
         "#5dade2"),
        (404, "-wind farm", "power=plant + plant:source=wind", "area", 0, "#aed6f1"),
        (405, "power plant", "power=plant|generator", "point area", 20, "#b7950b"),
        (406, "power tower", "power=tower|portal|terminal", "point area", 8, "#f4d03f"),
        (407, "-power pole", "power=pole", "point", 1, "#f9e79f"),
        (408, "-power line", "power=line", "line", 20, "#f7dc6f"),
        (409, "-minor power line", "power=minor_line|cable", "line", 2, "#fcf3cf"),
    ),
    "water": (
        (501, "river", "natural=water + water=river|stream|rapids|oxbow;waterway=riverbank",
         "area", 0, "#2471a3"),
        (502, "canal", "natural=water + water=canal|ditch|lock;waterway=dock", "area", 0,
         "#2e86c1"),
        (503, "reservoir", "landuse=reservoir|basin;natural=water + water=reservoir|basin"
         "|wastewater|pond;landuse=aquaculture", "area", 0, "#5499c7"),
        (504, "lake", "natural=water|bay|strait", "area", 0, "#1f618d"),
        (505, "swimming pool", "leisure=swimming_pool", "area", 0, "#85c1e9"),
        (506, "river line", "waterway=river", "line", 15, "#2980b9"),
        (507, "canal line", "waterway=canal", "line", 10, "#3498db"),
        (508, "stream", "waterway=stream|tidal_channel", "line", 3, "#7fb3d5"),
        (509, "ditch", "waterway=ditch|drain", "line", 2, "#a9cce3"),
        (510, "-dam", "waterway=dam|weir|lock_gate", "line area", 5, "#808b96"),
        (511, "-coastline", "natural=coastline", "line", 0, "#154360"),
    ),
    "wetland": (
        (601, "salt marsh", "natural=wetland + wetland=saltmarsh|tidalflat|mangrove;"
         "natural=mud", "area", 0, "#a6a6e6"),
        (602, "salt pond", "landuse=salt_pond", "area", 0, "#e6e6ff"),
        (603, "peat bog", "natural=wetland + wetland=bog|fen|string_bog|palsa_bog;"
         "landuse=peat_cutting", "area", 0, "#4d4dff"),
        (604, "marsh", "natural=wetland|marsh", "area", 0, "#a6a6ff"),
    ),
    "nature": (
        (701, "broad-leaved forest", "landuse=forest + leaf_type=broadleaved;natural=wood + "
         "leaf_type=broadleaved", "area", 0, "#80ff00"),
        (702, "needle-leaved forest", "landuse=forest + leaf_type=needleleaved;natural=wood + "
         "leaf_type=needleleaved", "area", 0, "#00a600"),
        (703, "forest", "landuse=forest;natural=wood", "area", 0, "#4dff00"),
        (704, "scrub", "natural=scrub|shrubbery", "area", 0, "#a6f200"),
        (705, "heath", "natural=heath|moor|fell|tundra", "area", 0, "#a6ff80"),
        (706, "grassland", "natural=grassland", "area", 0, "#ccf24d"),
        (707, "tree row", "natural=tree_row", "line", 8, "#52be80"),
        (708, "tree", "natural=tree", "point", 5, "#27ae60"),
        (709, "glacier", "natural=glacier", "area", 0, "#a6e6cc"),
        (710, "bare rock", "natural=bare_rock|scree|shingle|rock|stone|blockfield", "area", 0,
         "#cccccc"),
        (711, "sand", "natural=sand|beach|dune", "area", 0, "#e6e6e6"),
    ),
    "industry": (
        (801, "quarry", "landuse=quarry", "area", 0, "#a600cc"),
        (802, "landfill", "landuse=landfill;man_made=spoil_heap|tailings_pond", "area", 0,
         "#a64d00"),
        (803, "storage tank", "man_made=storage_tank|silo|gasometer", "point area", 15, "#8e44ad"),
        (804, "chimney", "man_made=chimney|cooling_tower|flare|kiln", "point area", 10, "#6c3483"),
        (805, "-pipeline", "man_made=pipeline", "line", 3, "#d2b4de"),
        (806, "water works", "man_made=wastewater_plant|water_works|pumping_station", "point area",
         15, "#7fb3d5"),
        (807, "works", "man_made=works|petroleum_well|mineshaft|adit", "point area", 15, "#bb8fce"),
        (808, "port", "landuse=port|harbour;industrial=port;man_made=pier|quay|breakwater|groyne",
         "line area", 5, "#e6cccc"),
        (809, "construction site", "landuse=construction|brownfield", "area", 0, "#ff4dff"),
        (810, "industrial area", "landuse=industrial|depot", "area", 0, "#cc4df2"),
        (811, "airport", "aeroway=aerodrome|heliport", "area", 0, "#e6cce6"),
    ),
    "agriculture": (
        (901, "glasshouses", "landuse=greenhouse_horticulture|plant_nursery", "area", 0,
         "#a2d9ce"),
        (902, "vineyard", "landuse=vineyard", "area", 0, "#e68000"),
        (903, "orchard", "landuse=orchard", "area", 0, "#f2a64d"),
        (904, "farmyard", "landuse=farmyard", "area", 0, "#f5cba7"),
        (905, "allotments", "landuse=allotments", "area", 0, "#ffe64d"),
        (906, "meadow", "landuse=meadow", "area", 0, "#e6e64d"),
        (907, "farmland", "landuse=farmland|farm", "area", 0, "#ffffa8"),
    ),
    "settlement": (
        (1001, "cemetery", "landuse=cemetery;amenity=grave_yard", "area", 0, "#aacbaf"),
        (1002, "sports", "leisure=pitch|sports_centre|stadium|golf_course|track|horse_riding;"
         "landuse=recreation_ground|winter_sports", "area", 0, "#ffe6ff"),
        (1003, "park", "leisure=park|garden|playground|dog_park|common", "area", 0, "#ffa6ff"),
        (1004, "grass", "landuse=grass|village_green|flowerbed|greenfield", "area", 0, "#cdebb0"),
        (1005, "school or hospital", "amenity=school|university|college|hospital|kindergarten;"
         "landuse=institutional|education|religious", "area", 0, "#f0b27a"),
        (1006, "military area", "landuse=military", "area", 0, "#f5b7b1"),
        (1007, "commercial area", "landuse=commercial|retail|garages", "area", 0, "#ff6666"),
        (1008, "residential area", "landuse=residential", "area", 0, "#ff0000"),
    ),
}  # fmt: skip


def _class(theme: str, row: Row) -> OsmClass:
    code, name, tags, forms, width, colour = row
    chosen: list[Form] = [form for form in _FORMS if form in forms.split()]
    return OsmClass(
        theme=theme, code=code, tags=tuple(tags.split(";")), forms=tuple(chosen), width=width,
        colour=colour, ground=not name.startswith("-"),
    )  # fmt: skip


_FORMS: tuple[Form, ...] = ("point", "line", "area", "marked-area")
DEFAULT_CLASSES: dict[str, OsmClass] = {
    row[1].removeprefix("-"): _class(theme, row) for theme, rows in _THEMES.items() for row in rows
}
