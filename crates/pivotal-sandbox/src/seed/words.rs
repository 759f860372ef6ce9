//! The words that rows are made of.

pub(super) const COMPANIES: [&str; 24] = [
    "Aurora",
    "Borealis",
    "Cinder",
    "Driftwood",
    "Ember",
    "Fernhill",
    "Granite",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Lantern",
    "Meadow",
    "Northwind",
    "Orchard",
    "Pinecrest",
    "Quarry",
    "Riverbend",
    "Saltbox",
    "Timber",
    "Umbra",
    "Verdant",
    "Willow",
    "Yarrow",
];

pub(super) const TRADES: [&str; 12] = [
    "Outfitters",
    "Supply Co",
    "Coffee Roasters",
    "Home Goods",
    "Skincare",
    "Cycles",
    "Tea House",
    "Bakery",
    "Footwear",
    "Pet Supplies",
    "Stationers",
    "Botanicals",
];

/// Suffixes of duplicate companies.
pub(super) const FORMS: [&str; 4] = ["Inc", "LLC", "Group", "Online"];

pub(super) const FIRST_NAMES: [&str; 20] = [
    "Amara", "Ben", "Carla", "Dmitri", "Elif", "Femi", "Grace", "Hiro", "Ines", "Jonas", "Kavya",
    "Liam", "Maya", "Noor", "Oscar", "Priya", "Quinn", "Rosa", "Samir", "Tess",
];

pub(super) const LAST_NAMES: [&str; 20] = [
    "Abara", "Berg", "Castillo", "Dalgaard", "Eriksen", "Fontaine", "Gupta", "Hayashi", "Ito",
    "Jensen", "Kowalski", "Laurent", "Mensah", "Novak", "Okafor", "Park", "Reyes", "Silva",
    "Tanaka", "Weiss",
];

/// Titles, each with a matching label.
pub(super) const TITLES: [(&str, &str); 6] = [
    ("Head of Ops", "operations"),
    ("Chief Executive", "decision-maker"),
    ("Engineering Lead", "technical"),
    ("Finance Manager", "billing"),
    ("Support Lead", "support"),
    ("Head of Growth", "marketing"),
];

/// Plans, each with its lowest monthly price in cents.
pub(super) const PLANS: [(&str, u64); 3] =
    [("Starter", 19_900), ("Growth", 59_900), ("Scale", 189_900)];

pub(super) const NOTES: [&str; 5] = [
    "Wants to launch before the autumn sale.",
    "Moving over from spreadsheets; data import comes first.",
    "Two storefronts, one of them wholesale.",
    "Legal review of the contract is pending.",
    "Prefers a call every second Tuesday.",
];
