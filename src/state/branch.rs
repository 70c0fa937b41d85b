//! What decisions remember about a branch.

use std::collections::BTreeMap;

use events::branch::{FormationMode, Rank};
use events::{BranchEvent, BranchId, Code, Date, HostId, Party, Position, Text, Timeline};
use serde::{Deserialize, Serialize};

use super::{Spell, Subject};

/// One branch: its life, its kind, and what it was called and under whom, day by day.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    version: u64,
    code: Option<Code>,
    kinds: Timeline<Code>,
    phases: Timeline<Phase>,
    proposal: Option<Proposal>,
    successor_of: Option<BranchId>,
    formed: Option<Date>,
    title: Option<Text>,
    predecessors: Vec<BranchId>,
    dissolved: Option<Date>,
    dissolved_because: Option<Code>,
    successors: Vec<BranchId>,
    names: Timeline<Text>,
    parents: Timeline<Option<BranchId>>,
    hosts: BTreeMap<HostId, Timeline<Option<Covering>>>,
    last_change: Option<Date>,
}

/// How a branch covers a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covering {
    /// How the branch is formed.
    pub mode: FormationMode,
    /// Whether it is the branch that counts for the host.
    pub rank: Rank,
}

/// How far a branch is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Proposed, and no branch yet.
    Proposed,
    /// Its proposal was turned down.
    Rejected,
    /// It does all that its kind may do.
    Active,
    /// It admits nobody, and its superior acts.
    Suspended,
    /// Nobody comes any more; what is in it goes elsewhere.
    WindingUp,
    /// It is no more.
    Dissolved,
}

/// What a branch shall be once it is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The first day on which it can be approved.
    pub proposed: Date,
    /// Its name.
    pub name: Text,
    /// Its human title, where there is one.
    pub title: Option<Text>,
    /// Its kind.
    pub kind: Code,
    /// The branch above it.
    pub parent: Option<BranchId>,
    /// The body that asks for it.
    pub by: Option<Party>,
}

impl Branch {
    /// What was proposed last, formed since or not; `None` if it was formed directly.
    #[must_use]
    pub fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// The dissolved branch whose place it takes.
    #[must_use]
    pub fn successor_of(&self) -> Option<BranchId> {
        self.successor_of
    }

    /// How far it is when that day ends, and since when.
    #[must_use]
    pub fn phase_on(&self, day: Date) -> Option<(Phase, Date)> {
        let spans = self.phases.spans().filter(|span| span.from <= day);
        spans.last().map(|span| (*span.value, span.from))
    }

    /// Whether it is suspended or wound up at every moment of a day, the first ones too.
    #[must_use]
    pub fn is_shut_throughout(&self, day: Date) -> bool {
        let lasts = |until: Option<Date>| until.is_none_or(|until| until >= day);
        let phases = self.phases.spans().filter(|span| span.from <= day && lasts(span.until));
        let mut phases = phases.map(|span| *span.value).peekable();
        let shut = |phase| matches!(phase, Phase::Suspended | Phase::WindingUp);
        phases.peek().is_some() && phases.all(shut)
    }

    /// How far it came in the end.
    #[must_use]
    pub fn latest_phase(&self) -> Option<Phase> {
        self.phases.changes().last().map(|change| change.value)
    }

    /// The first recorded change of phase after that day.
    #[must_use]
    pub fn phase_change_after(&self, day: Date) -> Option<Date> {
        self.phases.after(day).first().map(|change| change.effective)
    }

    /// The kinds that it is of from that day on: one, and those into which it is to change.
    pub fn kinds_from(&self, day: Date) -> impl Iterator<Item = &Code> {
        let now = self.kinds.on(day).or_else(|| self.kind());
        let later = self.kinds.after(day).iter().map(|change| &change.value);
        now.into_iter().chain(later)
    }

    /// The stretches during which it was of each kind, in order.
    pub fn kinds(&self) -> impl Iterator<Item = Spell<&Code>> {
        self.kinds.spans().map(|span| Spell {
            value: span.value,
            from: span.from,
            until: span.until.or(self.dissolved),
        })
    }

    /// The hosts that it covers when that day ends, and how.
    #[must_use]
    pub fn hosts_on(&self, day: Date) -> BTreeMap<HostId, Covering> {
        let on = |(host, covered): (&HostId, &Timeline<Option<Covering>>)| {
            Some((*host, covered.on(day).copied().flatten()?))
        };
        self.hosts.iter().filter_map(on).collect()
    }

    /// The first recorded change of the hosts that it covers after that day.
    #[must_use]
    pub fn hosts_change_after(&self, day: Date) -> Option<Date> {
        let changes = self.hosts.values().filter_map(|covered| covered.after(day).first());
        changes.map(|change| change.effective).min()
    }

    /// The first day from that one on which it is the branch that counts for a host.
    #[must_use]
    pub fn primary_beyond(&self, host: HostId, day: Date) -> Option<Date> {
        let counts = |covering: &Option<Covering>| {
            covering.is_some_and(|covering| covering.rank == Rank::Primary)
        };
        let reaches = |until: Option<Date>| until.is_none_or(|until| until > day);
        let mut spans = self.hosts.get(&host)?.spans();
        spans.find(|span| counts(span.value) && reaches(span.until)).map(|span| span.from)
    }

    /// The day on which it ceased last to cover a host.
    #[must_use]
    pub fn detached(&self, host: HostId) -> Option<Date> {
        let last = self.hosts.get(&host)?.changes().last()?;
        last.value.is_none().then_some(last.effective)
    }

    /// The code that people use for it.
    #[must_use]
    pub fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// The kind that it was formed as.
    #[must_use]
    pub fn kind(&self) -> Option<&Code> {
        self.kinds.changes().first().map(|change| &change.value)
    }

    /// Its kind when that day ended.
    #[must_use]
    pub fn kind_on(&self, day: Date) -> Option<&Code> {
        self.kinds.on(day)
    }

    /// Its first day.
    #[must_use]
    pub fn formed(&self) -> Option<Date> {
        self.formed
    }

    /// The first day without it, if its dissolution is recorded, be it for a day to come.
    #[must_use]
    pub fn dissolved(&self) -> Option<Date> {
        self.dissolved
    }

    /// Its human title, where it was given one.
    #[must_use]
    pub fn title(&self) -> Option<&Text> {
        self.title.as_ref()
    }

    /// The branches that it was merged or split from.
    #[must_use]
    pub fn predecessors(&self) -> &[BranchId] {
        &self.predecessors
    }

    /// Why it was dissolved, where that was said.
    #[must_use]
    pub fn dissolved_because(&self) -> Option<&Code> {
        self.dissolved_because.as_ref()
    }

    /// The branches that succeeded it.
    #[must_use]
    pub fn successors(&self) -> &[BranchId] {
        &self.successors
    }

    /// Its name when that day ended.
    #[must_use]
    pub fn name_on(&self, day: Date) -> Option<&Text> {
        self.names.on(day)
    }

    /// Its parent when that day ended; `None` also at the top level.
    #[must_use]
    pub fn parent_on(&self, day: Date) -> Option<BranchId> {
        self.parents.on(day).copied().flatten()
    }

    /// The stretches under each parent, in order; dissolution ends the last one.
    pub fn parents(&self) -> impl Iterator<Item = Spell<Option<BranchId>>> {
        self.parents.spans().map(|span| Spell {
            value: *span.value,
            from: span.from,
            until: span.until.or(self.dissolved),
        })
    }

    /// The first recorded change of parent after that day.
    #[must_use]
    pub fn move_after(&self, day: Date) -> Option<Date> {
        self.parents.after(day).first().map(|change| change.effective)
    }

    /// The latest day on which anything about it is recorded to change.
    #[must_use]
    pub fn last_change(&self) -> Option<Date> {
        self.last_change
    }
}

impl Branch {
    /// Takes a change of phase into account.
    fn enter(&mut self, event: &BranchEvent, position: Position) {
        let phase = match event {
            BranchEvent::Proposed {
                effective, code, name, title, branch_kind, parent, by, ..
            } => {
                self.code = Some(code.clone());
                self.proposal = Some(Proposal {
                    proposed: *effective,
                    name: name.clone(),
                    title: title.clone(),
                    kind: branch_kind.clone(),
                    parent: *parent,
                    by: *by,
                });
                Phase::Proposed
            }
            BranchEvent::Rejected { .. } => Phase::Rejected,
            BranchEvent::Suspended { .. } => Phase::Suspended,
            BranchEvent::WindingUpStarted { .. } => Phase::WindingUp,
            BranchEvent::Resumed { .. } | BranchEvent::WindingUpAbandoned { .. } => Phase::Active,
            // The formation that follows begins the life; the others are no change of phase.
            BranchEvent::Approved { .. }
            | BranchEvent::Formed { .. }
            | BranchEvent::Renamed { .. }
            | BranchEvent::Moved { .. }
            | BranchEvent::Dissolved { .. }
            | BranchEvent::HostAttached { .. }
            | BranchEvent::HostDetached { .. }
            | BranchEvent::KindChanged { .. }
            | BranchEvent::ReFormed { .. } => return,
        };
        self.phases.insert(events::Family::effective(event), position, phase);
    }
}

impl Subject for Branch {
    type Event = BranchEvent;

    fn apply(&mut self, event: &BranchEvent) {
        self.version += 1;
        let position = Position(self.version);
        match event {
            BranchEvent::Formed {
                effective,
                code,
                name,
                title,
                branch_kind,
                parent,
                formed_from,
                precision: _,
            } => {
                self.title = title.clone();
                self.predecessors = formed_from.clone();
                self.code = Some(code.clone());
                self.kinds.insert(*effective, position, branch_kind.clone());
                self.phases.insert(*effective, position, Phase::Active);
                self.formed = Some(*effective);
                self.names.insert(*effective, position, name.clone());
                self.parents.insert(*effective, position, *parent);
            }
            BranchEvent::Renamed { effective, name, .. } => {
                self.names.insert(*effective, position, name.clone());
            }
            BranchEvent::Moved { effective, to, .. } => {
                self.parents.insert(*effective, position, *to);
            }
            BranchEvent::Dissolved { effective, reason, into, .. } => {
                self.phases.insert(*effective, position, Phase::Dissolved);
                self.dissolved = Some(*effective);
                self.dissolved_because = reason.clone();
                self.successors = into.clone();
            }
            BranchEvent::HostAttached { effective, host, mode, rank, .. } => {
                let covering = Some(Covering { mode: *mode, rank: *rank });
                self.hosts.entry(*host).or_default().insert(*effective, position, covering);
            }
            BranchEvent::HostDetached { effective, host, .. } => {
                self.hosts.entry(*host).or_default().insert(*effective, position, None);
            }
            BranchEvent::KindChanged { effective, to, .. } => {
                self.kinds.insert(*effective, position, to.clone());
            }
            BranchEvent::ReFormed { successor_of, .. } => self.successor_of = Some(*successor_of),
            BranchEvent::Proposed { .. }
            | BranchEvent::Approved { .. }
            | BranchEvent::Rejected { .. }
            | BranchEvent::Suspended { .. }
            | BranchEvent::Resumed { .. }
            | BranchEvent::WindingUpStarted { .. }
            | BranchEvent::WindingUpAbandoned { .. } => self.enter(event, position),
        }
        let effective = events::Family::effective(event);
        self.last_change = self.last_change.max(Some(effective));
    }
}
