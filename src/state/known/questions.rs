//! What decisions ask of what is known.

use super::*;

impl Known {
    /// The rules in force on a day.
    ///
    /// # Panics
    /// When [`Guard::Policy`] was not looked at, or the ledger has no rules: it opens with some.
    #[must_use]
    pub fn policy(&self, day: Date) -> InForce<'_> {
        let policies = self.policies().and_then(|policies| policies.on(day));
        policies.expect("a ledger is opened together with its first rule set")
    }

    /// All rule sets.
    #[must_use]
    pub fn policies(&self) -> Option<&Policies> {
        self.own(&Guard::Policy(self.ledger)).and_then(AnySubject::as_policies)
    }

    /// The clock; `None` while it was never advanced.
    #[must_use]
    pub fn clock(&self) -> Option<&Clock> {
        self.own(&Guard::Clock(self.ledger)).and_then(AnySubject::as_clock)
    }

    /// A person, if there is one with that id.
    #[must_use]
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.own(&Guard::Person(id)).and_then(AnySubject::as_person)
    }

    /// A branch, if there is one with that id; a proposed one is none yet.
    #[must_use]
    pub fn branch(&self, id: BranchId) -> Option<&Branch> {
        self.branch_or_proposal(id).filter(|branch| branch.formed().is_some())
    }

    /// A branch with that id, formed or only proposed.
    #[must_use]
    pub fn branch_or_proposal(&self, id: BranchId) -> Option<&Branch> {
        self.own(&Guard::Branch(id)).and_then(AnySubject::as_branch)
    }

    /// A reorganisation, if there is one with that id.
    #[must_use]
    pub fn reorganisation(&self, id: ReorganisationId) -> Option<&Reorganisation> {
        self.own(&Guard::Reorganisation(id)).and_then(AnySubject::as_reorganisation)
    }

    /// The reorganisations that are or were planned of a branch.
    pub fn plans_of(
        &self,
        id: BranchId,
    ) -> impl Iterator<Item = (ReorganisationId, &Reorganisation)> {
        self.behind(&Guard::PlansOf(id)).filter_map(|(stream, subject)| {
            Some((ReorganisationId(stream.id), subject.as_reorganisation()?))
        })
    }

    /// The branch that has a code, formed or only proposed.
    #[must_use]
    pub fn branch_of_code(&self, code: &Code) -> Option<(BranchId, &Branch)> {
        let mut branches = self.branches_behind(&Guard::BranchCode(code.clone()));
        branches.find(|(_, branch)| branch.code() == Some(code))
    }

    /// The branches that are or were under one.
    pub fn children_of(&self, id: BranchId) -> impl Iterator<Item = (BranchId, &Branch)> {
        self.branches_behind(&Guard::ChildrenOf(id))
    }

    /// The persons of whom something was found that concerns this one.
    pub fn compared_with(&self, id: PersonId) -> impl Iterator<Item = (PersonId, &Person)> {
        self.behind(&Guard::IdentityOf(id))
            .filter_map(|(stream, subject)| Some((PersonId(stream.id), subject.as_person()?)))
    }

    /// The hosts at which a person works or worked.
    pub fn hosts_of(&self, id: PersonId) -> impl Iterator<Item = (HostId, &Host)> {
        self.behind(&Guard::EmploymentsOf(id))
            .filter_map(|(stream, subject)| Some((HostId(stream.id), subject.as_host()?)))
    }

    /// The memberships of a person, past ones too.
    pub fn memberships_of(
        &self,
        id: PersonId,
    ) -> impl Iterator<Item = (MembershipId, &Membership)> {
        // One that a correction gave to somebody else is behind the guard still.
        self.memberships_behind(&Guard::MembershipsOf(id))
            .filter(move |(_, membership)| membership.person() == Some(id))
    }

    /// The memberships that are or were at home at a branch, applied to it or had a place there.
    pub fn members_of(&self, id: BranchId) -> impl Iterator<Item = (MembershipId, &Membership)> {
        self.memberships_behind(&Guard::MembersOf(id))
    }

    /// Whether a person is at home at a branch from that day on, as far as is recorded.
    #[must_use]
    pub fn stays_at_home(&self, person: PersonId, branch: BranchId, day: Date) -> bool {
        self.memberships_of(person)
            .flat_map(|(_, membership)| membership.spells())
            .any(|spell| spell.value == branch && spell.from <= day && spell.until.is_none())
    }

    /// The posts at a branch.
    pub fn posts_at(&self, id: BranchId) -> impl Iterator<Item = (PostId, &Post)> {
        self.posts_behind(&Guard::PostsAt(id))
            .filter(move |(_, post)| post.place().is_some_and(|(branch, _)| branch == id))
    }

    /// The posts that a person holds or held.
    pub fn posts_held_by(&self, id: PersonId) -> impl Iterator<Item = (PostId, &Post)> {
        self.posts_behind(&Guard::PostsHeldBy(id))
    }

    /// A host, if there is one with that id.
    #[must_use]
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.own(&Guard::Host(id)).and_then(AnySubject::as_host)
    }

    /// The host that has a code.
    #[must_use]
    pub fn host_of_code(&self, code: &Code) -> Option<(HostId, &Host)> {
        let mut hosts = self.behind(&Guard::HostCode(code.clone()));
        hosts.find_map(|(stream, subject)| {
            let host = subject.as_host().filter(|host| host.code() == Some(code))?;
            Some((HostId(stream.id), host))
        })
    }

    /// The branches that cover or covered a host.
    pub fn branches_over(&self, host: HostId) -> impl Iterator<Item = (BranchId, &Branch)> {
        self.branches_behind(&Guard::BranchesOver(host))
    }

    /// The relations of a body, past and proposed ones too.
    pub fn relations_of(
        &self,
        party: Party,
    ) -> impl Iterator<Item = (RelationId, Ends, &Relation)> {
        self.behind(&Guard::RelationsOf(party)).filter_map(move |(stream, subject)| {
            let relation = subject.as_relation()?;
            let ends = relation.ends().filter(|ends| ends.from == party || ends.to == party)?;
            Some((RelationId(stream.id), ends, relation))
        })
    }

    /// The transfers of a person, past ones too.
    pub fn transfers_of(&self, id: PersonId) -> impl Iterator<Item = (TransferId, &Transfer)> {
        self.transfers_behind(&Guard::TransfersOf(id))
    }

    /// The transfers of which a branch is or was a side.
    pub fn cases_at(&self, id: BranchId) -> impl Iterator<Item = (TransferId, &Transfer)> {
        self.transfers_behind(&Guard::CasesAt(id))
    }

    /// The transfer, and the unmatched receipts, with a letter of that number; with the body that
    /// issued it, if it is one outside the ledger.
    pub fn transfers_on(
        &self,
        body: Option<&Code>,
        letter: &Code,
    ) -> impl Iterator<Item = (TransferId, &Transfer)> {
        self.transfers_behind(&Guard::TransferLetter(body.cloned(), letter.clone()))
    }

    /// The area of a code: its name, and its first day.
    #[must_use]
    pub fn area(&self, code: &Code) -> Option<&(Text, Date)> {
        let mut frames = self.behind(&Guard::Area(code.clone()));
        frames.find_map(|(_, subject)| subject.as_ledger()?.area(code))
    }

    fn branches_behind<'a>(
        &'a self,
        guard: &Guard,
    ) -> impl Iterator<Item = (BranchId, &'a Branch)> + use<'a> {
        self.behind(guard)
            .filter_map(|(stream, subject)| Some((BranchId(stream.id), subject.as_branch()?)))
    }

    fn memberships_behind<'a>(
        &'a self,
        guard: &Guard,
    ) -> impl Iterator<Item = (MembershipId, &'a Membership)> + use<'a> {
        self.behind(guard).filter_map(|(stream, subject)| {
            Some((MembershipId(stream.id), subject.as_membership()?))
        })
    }

    fn posts_behind<'a>(
        &'a self,
        guard: &Guard,
    ) -> impl Iterator<Item = (PostId, &'a Post)> + use<'a> {
        self.behind(guard)
            .filter_map(|(stream, subject)| Some((PostId(stream.id), subject.as_post()?)))
    }

    fn transfers_behind<'a>(
        &'a self,
        guard: &Guard,
    ) -> impl Iterator<Item = (TransferId, &'a Transfer)> + use<'a> {
        self.behind(guard)
            .filter_map(|(stream, subject)| Some((TransferId(stream.id), subject.as_transfer()?)))
    }
}
