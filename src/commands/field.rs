//! The fields of commands, as command lines and forms need to know them.

/// One field of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the JSON body and on the command line.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether the command can do without it.
    pub optional: bool,
}

/// What a field holds: what people may type for it, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A person: an id, or `SOURCE/HANDLE`, which the vault resolves.
    Person,
    /// An id for a person who is new to the ledger; made when none is given.
    NewPerson,
    /// A branch: an id or a code.
    Branch,
    /// Branches, separated by commas.
    Branches,
    /// A host: an id or a code.
    Host,
    /// Hosts, separated by commas.
    Hosts,
    /// A branch or a host: `branch:CODE`, `host:CODE`, or a code that only one of them has.
    Party,
    /// A whole number from zero on.
    Number,
    /// Codes, separated by commas.
    Codes,
    /// A civil date; today when none is given.
    Date,
    /// A civil date that may be absent: none is given, none is meant.
    DateOrNone,
    /// A name, title or code.
    Text,
    /// One of these codes.
    Choice(&'static [&'static str]),
    /// The name of a preset; its rule set takes its place.
    Preset,
    /// Something personal: it goes to the vault under this name, and nowhere else.
    Personal(&'static str),
}

/// A field that must be given.
pub(crate) const fn required(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind, optional: false }
}

/// A field that may be left out.
pub(crate) const fn optional(name: &'static str, kind: FieldKind) -> Field {
    Field { name, kind, optional: true }
}

/// The field that every command has: from when its facts hold.
pub(crate) const EFFECTIVE: Field = optional("effective", FieldKind::Date);
