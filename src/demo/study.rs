//! What the field study counted in one large city: the totals that the demo's last day comes to.

/// Enterprises that operate.
pub const HOSTS: usize = 526;

/// Those of them that are not publicly owned.
pub const NOT_PUBLIC: usize = 509;

/// Those with 50 staff or more: 22.2% of all.
pub const LARGE: usize = 117;

/// People who work at them.
pub const STAFF: u32 = 32_058;

/// Members.
pub const MEMBERS: usize = 2_098;

/// Those of them under 35: of 82%, the number below.
pub const YOUNG: usize = 1_720;

/// Branches that count.
pub const BRANCHES: usize = 155;

/// The kinds of enterprises; software and e-commerce are 87.1% of all.
pub(super) const KINDS: [(&str, usize); 6] = [
    ("software", 255),
    ("e_commerce", 203),
    ("life_services", 24),
    ("games", 19),
    ("news", 14),
    ("network_access", 11),
];

/// Who owns them; the last two are public.
pub(super) const OWNERSHIPS: [(&str, usize); 5] =
    [("private", 441), ("foreign", 38), ("mixed", 30), ("state", 11), ("collective", 6)];

/// Enterprises that closed within the two years before.
pub(super) const HOSTS_CLOSED: usize = 90;

/// Branches that were dissolved within them.
pub(super) const BRANCHES_DISSOLVED: usize = 62;

/// Branches that became another one within them.
pub(super) const BRANCHES_MERGED: usize = 2;

/// Those of the dissolved that were gone by the evening of the day on which they were formed.
pub(super) const BRANCHES_OF_ONE_DAY: usize = 9;

/// Members who left within them.
pub(super) const MEMBERS_ENDED: usize = 640;

/// The last day, counted from the first.
pub(super) const LAST: i32 = 725;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up() {
        let all = |parts: &[(&str, usize)]| parts.iter().map(|(_, part)| part).sum::<usize>();
        assert_eq!((all(&KINDS), all(&OWNERSHIPS)), (HOSTS, HOSTS));
        assert_eq!(all(&OWNERSHIPS[..3]), NOT_PUBLIC);
        assert_eq!((all(&KINDS[..2]) * 1_000 + HOSTS / 2) / HOSTS, 871);
        assert_eq!((LARGE * 1_000 + HOSTS / 2) / HOSTS, 222);
        assert_eq!((YOUNG * 100 + MEMBERS / 2) / MEMBERS, 82);
    }
}
