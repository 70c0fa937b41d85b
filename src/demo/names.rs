//! What everything in the demo is called. All of it is invented.

use events::{Code, Text};

/// The first halves of enterprises' names.
const FIRST: [&str; 32] = [
    "Amber", "Birch", "Bright", "Cedar", "Cloud", "Copper", "Coral", "Crane", "Dawn", "Delta",
    "Ember", "Falcon", "Fern", "Golden", "Granite", "Harbour", "Indigo", "Ivory", "Jade",
    "Juniper", "Lantern", "Linden", "Maple", "Marble", "North", "Ocean", "Paper", "Quiet", "River",
    "Silver", "Willow", "Winter",
];

/// The second halves.
const SECOND: [&str; 32] = [
    "Anchor", "Arrow", "Atlas", "Beacon", "Bell", "Bridge", "Byte", "Compass", "Feather", "Forge",
    "Gate", "Grove", "Kite", "Loom", "Mill", "Mirror", "Needle", "Orbit", "Pebble", "Pier",
    "Pixel", "Quill", "Reed", "Signal", "Spark", "Spindle", "Stone", "Thread", "Tower", "Wave",
    "Wheel", "Yard",
];

/// People's first names.
const GIVEN: [&str; 40] = [
    "Ada", "Alma", "Anton", "Bela", "Boris", "Clara", "Dario", "Edda", "Emil", "Fenna", "Gil",
    "Greta", "Hanno", "Ida", "Ines", "Ivo", "Jonna", "Jorin", "Kaja", "Kilian", "Lale", "Levin",
    "Maren", "Milo", "Nele", "Nils", "Oda", "Oskar", "Pia", "Quentin", "Rike", "Runa", "Selma",
    "Sven", "Tilda", "Tomas", "Ulla", "Veit", "Wanda", "Yorick",
];

/// Their family names.
const FAMILY: [&str; 40] = [
    "Alder",
    "Ambrose",
    "Barrow",
    "Bramble",
    "Calder",
    "Cotter",
    "Dellow",
    "Dunmore",
    "Elwick",
    "Fairley",
    "Garrick",
    "Halloway",
    "Hawthorn",
    "Ingleby",
    "Jarrow",
    "Kestrel",
    "Kirkby",
    "Larkin",
    "Lowell",
    "Marlowe",
    "Merton",
    "Nettle",
    "Norwood",
    "Oakley",
    "Orrin",
    "Penrose",
    "Quillon",
    "Radley",
    "Rushden",
    "Sefton",
    "Sorrel",
    "Tarrant",
    "Thorne",
    "Underhill",
    "Vesper",
    "Wexley",
    "Whitlow",
    "Yarrow",
    "Yewdale",
    "Zeller",
];

/// The areas of the city, by code and name. The first ones have a park.
pub(super) const AREAS: [(&str, &str); 8] = [
    ("harbour", "Harbour"),
    ("mill-hill", "Mill Hill"),
    ("old-town", "Old Town"),
    ("lantern-quay", "Lantern Quay"),
    ("eastfield", "Eastfield"),
    ("weir", "Weir"),
    ("stonegate", "Stonegate"),
    ("riverside", "Riverside"),
];

/// How many of the areas have a park.
pub(super) const PARKS: usize = 6;

/// A code of one city of the plan: those of the first are plain, those of the others numbered.
pub(super) fn code(city: u32, base: &str) -> Code {
    let code = if city == 0 { base.to_owned() } else { format!("{base}-{}", city + 1) };
    Code::parse(&code).expect("what is invented here is short and visible")
}

/// A name of one city of the plan.
pub(super) fn name(city: u32, base: &str) -> Text {
    let name = if city == 0 { base.to_owned() } else { format!("{base} {}", city + 1) };
    Text::parse(&name).expect("what is invented here is short and visible")
}

/// What a host is called, without what it does: 1,024 different ones.
pub(super) fn of_host(number: usize) -> String {
    let (first, round) = (number % FIRST.len(), number / FIRST.len());
    let second = (round + number * 11) % SECOND.len();
    format!("{} {}", FIRST[first], SECOND[second])
}

/// The code that goes with a name.
pub(super) fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

/// What a host does, as part of its name.
pub(super) fn of_kind(kind: &str) -> &'static str {
    match kind {
        "software" => "Software",
        "e_commerce" => "Trading",
        "life_services" => "Services",
        "games" => "Games",
        "news" => "News",
        _ => "Networks",
    }
}

/// The number of a person's letter, and of the one that took its place.
pub(super) fn letter(number: u32, is_anew: bool) -> Code {
    let anew = if is_anew { "-anew" } else { "" };
    let letter = format!("letter-{}{anew}", number + 1);
    Code::parse(&letter).expect("what is invented here is short and visible")
}

/// The name of a person. It goes to the vault and nowhere else.
#[must_use]
pub fn of_person(number: u32) -> String {
    let number = number as usize;
    let (given, round) = (number % GIVEN.len(), number / GIVEN.len());
    let family = (round + number * 7) % FAMILY.len();
    format!("{} {}", GIVEN[given], FAMILY[family])
}

/// The handle of a person. It goes to the vault and nowhere else.
#[must_use]
pub fn handle(number: u32) -> String {
    format!("m{:05}", number + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::study::{HOSTS, HOSTS_CLOSED};
    use super::*;

    #[test]
    fn no_two_hosts_of_a_city_have_the_same_name() {
        let names: HashSet<_> = (0..HOSTS + HOSTS_CLOSED).map(of_host).collect();
        assert_eq!(names.len(), HOSTS + HOSTS_CLOSED);
        let people: HashSet<_> = (0..1_600).map(of_person).collect();
        assert!(people.len() > 1_500, "{}", people.len());
    }
}
