//! Plan a merger, a split, a dissolution, or a move of branches.

use std::collections::BTreeMap;

use events::branch::FormationMode;
use events::reorganisation::{NewBranch, Plan, PlanForm};
use events::transfer::Case;
use events::{
    BranchId, Code, Date, Guard, PersonId, Precision, ReorganisationEvent, ReorganisationId, Text,
};
use serde::{Deserialize, Serialize};

use super::field::{EFFECTIVE, optional, required};
use super::phase::{not_home, takes_in};
pub use super::planning::{BranchWish, LineWish};
use super::planning::{
    Lines, all_lines, destinations, gets_members, goes_on, members_beyond, open_plan,
    plans_looked_at, superior, targets,
};
use super::refusal::refusals;
use super::shared::{MODES, code_of, from_formation};
use super::{Decide, Decided, Field, FieldKind, Setting};
use crate::state::Known;

/// Plan a reorganisation: nothing changes before the plan is executed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanReorganisation {
    /// What kind of reorganisation it is.
    pub form: PlanForm,
    /// The branches that are merged, split, dissolved or moved.
    pub sources: Vec<BranchId>,
    /// The branches that are formed with it.
    #[serde(default)]
    pub forms: Vec<BranchWish>,
    /// The branch that takes over whatever no line names: one of those that are formed, or any
    /// other; of a dissolution the superior when absent, of a move the parent from then on.
    #[serde(default)]
    pub to: Option<Code>,
    /// Where single members go, and those who are on the way.
    #[serde(default)]
    pub lines: Vec<LineWish>,
    /// How the branch that takes over is formed over the hosts that come to it.
    #[serde(default)]
    pub mode: Option<FormationMode>,
    /// The day of the plan.
    pub effective: Date,
    /// How exact that date is.
    #[serde(default)]
    pub precision: Option<Precision>,
}

/// The codes of the forms of a plan, in the order of their list.
const FORMS: &[&str] = &["merge", "split", "dissolution", "move"];

refusals! {
    /// Why a plan is refused.
    PlanReorganisationRefusal {
        /// That many branches cannot be reorganised so.
        SourcesUnfit("sources_unfit") { sources: usize },
        /// No branch has that id.
        BranchUnknown("branch_unknown") { branch: BranchId },
        /// A branch was not formed yet, and the rules hold nothing for it.
        BeforeFormation("before_formation") { branch: String, formed: Date },
        /// A branch is dissolved, or will be.
        BranchDissolved("branch_dissolved") { branch: String, dissolved: Date },
        /// Another plan of the branch is open.
        PlanOpen("plan_open") { branch: String, planned: Date },
        /// A new branch has a code that is taken.
        NewCodeTaken("new_code_taken") { code: Code },
        /// The rules have no such kind.
        KindUnknown("kind_unknown") { kind: Code },
        /// No branch has that code, and none of the new ones.
        TargetUnknown("target_unknown") { code: Code },
        /// Nothing says where members go.
        TargetMissing("target_missing") { branch: String },
        /// A branch that ends with the plan takes nobody in.
        TargetEnds("target_ends") { branch: String },
        /// A target is suspended.
        BranchSuspended("branch_suspended") { branch: String, since: Date },
        /// A target is being wound up.
        BranchWindingUp("branch_winding_up") { branch: String, since: Date },
        /// Branches of a target's kind hold no relations.
        KindNotHome("kind_not_home") { branch: String, kind: String },
        /// A line names somebody who is in none of the sources.
        NotInSources("not_in_sources") { person: PersonId, effective: Date },
    }
}

use PlanReorganisationRefusal as Refusal;

impl Decide for PlanReorganisation {
    const NAME: &'static str = "plan-reorganisation";
    const FIELDS: &'static [Field] = &[
        required("form", FieldKind::Choice(FORMS)),
        required("sources", FieldKind::Branches),
        optional("forms", FieldKind::NewBranches),
        optional("to", FieldKind::Text),
        optional("lines", FieldKind::Lines),
        optional("mode", FieldKind::Choice(MODES)),
        EFFECTIVE,
    ];
    type Refusal = PlanReorganisationRefusal;

    fn effective(&self) -> Date {
        self.effective
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        let codes = self.to.iter().chain(self.lines.iter().map(|line| &line.to));
        let codes: Vec<Guard> = codes
            .chain(self.forms.iter().map(|form| &form.code))
            .cloned()
            .map(Guard::BranchCode)
            .collect();
        let mut guards = Vec::new();
        for code in &codes {
            if known.has_looked(code)
                && let Guard::BranchCode(code) = code
            {
                guards.extend(known.branch_of_code(code).map(|(id, _)| Guard::Branch(id)));
            }
        }
        guards.extend(codes);
        for id in &self.sources {
            let own = Guard::Branch(*id);
            if known.has_looked(&own) {
                let parents = known.branch(*id).into_iter().flat_map(|branch| branch.parents());
                let parents = parents.filter(|spell| spell.reaches_beyond(self.effective));
                guards.extend(parents.filter_map(|spell| spell.value).map(Guard::Branch));
            }
            guards.extend([own, Guard::MembersOf(*id), Guard::CasesAt(*id)]);
            guards.extend(plans_looked_at(known, *id));
        }
        guards
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refusal> {
        let mut decided = Decided::default();
        let effective = self.check_sources(known, &mut decided)?;
        if self.is_planned(known) {
            return Ok(Decided::already_so());
        }
        self.refuse_open_plans(known)?;
        let forms = self.new_branches(known, effective, setting)?;
        let rest = match &self.to {
            Some(code) => Some(target(known, &forms, code)?),
            None if self.form == PlanForm::Dissolution => superior(known, &self.sources, effective),
            None => None,
        };
        let mut asked = BTreeMap::new();
        for line in &self.lines {
            asked.insert(line.person, target(known, &forms, &line.to)?);
        }
        let (members, cases) = self.lines(known, (&asked, rest), effective)?;
        let (form, sources, mode) = (self.form, self.sources.clone(), self.mode);
        let plan = Plan { form, sources, forms, rest, mode, members, cases };
        check_targets(known, &plan, effective)?;
        let by = Text::parse(setting.actor.id()).expect("an actor's id is a text");
        let precision = self.precision;
        let planned = ReorganisationEvent::Planned { effective, precision, plan, by };
        decided.push(ReorganisationId((setting.fresh)()), planned);
        Ok(decided)
    }
}

impl PlanReorganisation {
    /// The day from which all sources are there.
    fn check_sources(&self, known: &Known, decided: &mut Decided) -> Result<Date, Refusal> {
        let sources = self.sources.len();
        let fits = match self.form {
            PlanForm::Split | PlanForm::Dissolution => sources == 1,
            PlanForm::Merge | PlanForm::Move => sources > 0,
        };
        let mut once = self.sources.clone();
        once.sort_unstable();
        once.dedup();
        if !fits || once.len() < sources {
            return Err(Refusal::SourcesUnfit { sources });
        }
        let rules = &known.policy(self.effective).rules;
        let mut effective = self.effective;
        for id in &self.sources {
            let branch = known.branch(*id).ok_or(Refusal::BranchUnknown { branch: *id })?;
            effective = from_formation(branch, effective, rules, decided)?;
            if let Some(dissolved) = branch.dissolved() {
                return Err(Refusal::BranchDissolved { branch: code_of(branch), dissolved });
            }
        }
        Ok(effective)
    }

    /// Whether the same plan was made on that day and is open.
    fn is_planned(&self, known: &Known) -> bool {
        let Some((_, open)) = self.sources.first().and_then(|id| open_plan(known, *id)) else {
            return false;
        };
        open.planned() == Some(self.effective)
            && open.plan().is_some_and(|plan| {
                let id = |code: &Code| target(known, &plan.forms, code).ok();
                let goes = |line: &LineWish| {
                    let own = destinations(known, (&plan.members, &plan.cases), line.person);
                    own.into_iter().any(|to| id(&line.to) == Some(to))
                };
                plan.form == self.form
                    && plan.sources == self.sources
                    && plan.mode == self.mode
                    && self.to.as_ref().is_none_or(|to| id(to) == plan.rest)
                    && plan
                        .forms
                        .iter()
                        .map(|new| (&new.code, &new.name))
                        .eq(self.forms.iter().map(|new| (&new.code, &new.name)))
                    && self.lines.iter().all(goes)
            })
    }

    /// The lines of everybody in the sources, and of every open transfer from or to them.
    fn lines(
        &self,
        known: &Known,
        (asked, rest): (&BTreeMap<PersonId, BranchId>, Option<BranchId>),
        effective: Date,
    ) -> Result<Lines, Refusal> {
        let sources = (&self.sources[..], rest);
        let missing = |source| {
            let branch = known.branch(source).map(code_of).unwrap_or_default();
            Refusal::TargetMissing { branch }
        };
        // Whoever is at home in one of the sources takes the letter along.
        let wish = |_, case: &Case| {
            let mut homes =
                self.sources.iter().flat_map(|id| members_beyond(known, *id, effective));
            let is_member = homes.any(|(_, person)| person == case.person);
            asked.get(&case.person).copied().filter(|_| !is_member)
        };
        let (members, cases) =
            all_lines(known, self.form, sources, (asked, wish), effective).map_err(missing)?;
        let leads_nowhere =
            |person: &PersonId| destinations(known, (&members, &cases), *person).is_empty();
        match asked.keys().copied().find(leads_nowhere) {
            Some(person) => Err(Refusal::NotInSources { person, effective }),
            None => Ok((members, cases)),
        }
    }

    fn refuse_open_plans(&self, known: &Known) -> Result<(), Refusal> {
        for id in &self.sources {
            if let Some((_, open)) = open_plan(known, *id) {
                let branch = known.branch(*id).map(code_of).unwrap_or_default();
                let planned = open.planned().unwrap_or(self.effective);
                return Err(Refusal::PlanOpen { branch, planned });
            }
        }
        Ok(())
    }

    /// The branches that the plan forms, beside the first source.
    fn new_branches(
        &self,
        known: &Known,
        effective: Date,
        setting: &mut Setting<'_>,
    ) -> Result<Vec<NewBranch>, Refusal> {
        let rules = &known.policy(effective).rules;
        let first = self.sources.first().and_then(|id| known.branch(*id));
        let parent = superior(known, &self.sources, effective);
        let mut forms: Vec<NewBranch> = Vec::new();
        for wish in &self.forms {
            let code = wish.code.clone();
            let twice = forms.iter().any(|new| new.code == code);
            if twice || known.branch_of_code(&code).is_some() {
                return Err(Refusal::NewCodeTaken { code });
            }
            let like = first.and_then(|branch| branch.kind_on(effective).cloned());
            let kind = wish.kind.clone().or(like);
            let branch_kind = kind.unwrap_or_else(|| rules.branch.kind_default.clone());
            if rules.branch_kind(&branch_kind).is_none() {
                return Err(Refusal::KindUnknown { kind: branch_kind });
            }
            let (branch, name) = (BranchId((setting.fresh)()), wish.name.clone());
            forms.push(NewBranch { branch, code, name, branch_kind, parent });
        }
        Ok(forms)
    }
}

/// The branch of a code: one that the plan forms, or one that is there.
fn target(known: &Known, forms: &[NewBranch], code: &Code) -> Result<BranchId, Refusal> {
    if let Some(new) = forms.iter().find(|new| new.code == *code) {
        return Ok(new.branch);
    }
    let found = known.branch_of_code(code).filter(|(_, branch)| branch.formed().is_some());
    found.map(|(id, _)| id).ok_or_else(|| Refusal::TargetUnknown { code: code.clone() })
}

/// What is said already when the plan is made: a target that takes nobody in, or ends itself.
fn check_targets(known: &Known, plan: &Plan, effective: Date) -> Result<(), Refusal> {
    let rules = &known.policy(effective).rules;
    for id in targets(plan) {
        let gets_members = gets_members(plan, id);
        if let Some(new) = plan.forms.iter().find(|new| new.branch == id) {
            let flags = rules.branch_kind(&new.branch_kind);
            if gets_members && !flags.is_some_and(|flags| flags.may_be_home) {
                let (branch, kind) = (new.code.to_string(), new.branch_kind.to_string());
                return Err(Refusal::KindNotHome { branch, kind });
            }
            continue;
        }
        let Some(branch) = known.branch(id) else { continue };
        if plan.sources.contains(&id) {
            if plan.form == PlanForm::Move || !goes_on(plan, id) {
                return Err(Refusal::TargetEnds { branch: code_of(branch) });
            }
            continue;
        }
        if let Some(dissolved) = branch.dissolved() {
            return Err(Refusal::BranchDissolved { branch: code_of(branch), dissolved });
        }
        takes_in(branch, effective)?;
        if let Some(kind) = not_home(branch, rules, effective).filter(|_| gets_members) {
            let kind = kind.to_string();
            return Err(Refusal::KindNotHome { branch: code_of(branch), kind });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use events::reorganisation::MemberLine;
    use events::{MembershipId, StreamId};

    use super::*;
    use crate::given::*;

    fn merge() -> PlanReorganisation {
        PlanReorganisation {
            form: PlanForm::Merge,
            sources: vec![NORTH],
            forms: vec![],
            to: Some(code("south")),
            lines: vec![],
            mode: None,
            effective: day(10),
            precision: None,
        }
    }

    fn north_and_south() -> Vec<Given> {
        vec![
            formed(NORTH, 1),
            formed(SOUTH, 1),
            registered(ANN),
            registered(BOB),
            admitted(ANN, NORTH, 2, M1),
            admitted(BOB, NORTH, 2, M2),
        ]
    }

    fn line(membership: uuid::Uuid, person: PersonId, to: BranchId) -> MemberLine {
        MemberLine { membership: MembershipId(membership), person, from: NORTH, to }
    }

    fn merger() -> Plan {
        Plan {
            form: PlanForm::Merge,
            sources: vec![NORTH],
            forms: vec![],
            rest: Some(SOUTH),
            mode: None,
            members: vec![line(M1, ANN, SOUTH), line(M2, BOB, SOUTH)],
            cases: vec![],
        }
    }

    fn as_fresh((_, event): Given, n: u128) -> Given {
        (StreamId::from(ReorganisationId(fresh(n))), event)
    }

    #[test]
    fn everybody_gets_a_line_by_name() {
        given(north_and_south()).when(merge()).then([as_fresh(planned(merger(), 10), 1)]);
        given(north_and_south()).and([planned(merger(), 10)]).when(merge()).then([]);
    }

    #[test]
    fn a_split_forms_branches_beside_the_source_and_may_keep_it() {
        let split = PlanReorganisation {
            form: PlanForm::Split,
            forms: vec![BranchWish { code: code("east"), name: text("East"), kind: None }],
            to: Some(code("north")),
            lines: vec![LineWish { person: BOB, to: code("east") }],
            ..merge()
        };
        let east = BranchId(fresh(1));
        let new = NewBranch {
            branch: east,
            code: code("east"),
            name: text("East"),
            branch_kind: code("branch"),
            parent: None,
        };
        let plan = Plan {
            form: PlanForm::Split,
            forms: vec![new],
            rest: Some(NORTH),
            members: vec![line(M1, ANN, NORTH), line(M2, BOB, east)],
            ..merger()
        };
        given(north_and_south()).when(split).then([as_fresh(planned(plan, 10), 2)]);
    }

    #[test]
    fn what_is_dissolved_goes_to_the_superior() {
        let dissolution = PlanReorganisation { form: PlanForm::Dissolution, to: None, ..merge() };
        let plan = Plan { form: PlanForm::Dissolution, ..merger() };
        given(north_and_south())
            .and([moved(NORTH, None, Some(SOUTH), 3)])
            .when(dissolution.clone())
            .then([as_fresh(planned(plan, 10), 1)]);
        given(north_and_south())
            .when(dissolution)
            .then_refused(Refusal::TargetMissing { branch: "north".into() });
    }

    #[test]
    fn sources_that_are_not_there_or_planned_for_are_refused() {
        let branch = || "north".to_owned();
        given([])
            .when(PlanReorganisation { sources: vec![], ..merge() })
            .then_refused(Refusal::SourcesUnfit { sources: 0 });
        given([]).when(merge()).then_refused(Refusal::BranchUnknown { branch: NORTH });
        given([formed(NORTH, 20)])
            .when(merge())
            .then_refused(Refusal::BeforeFormation { branch: branch(), formed: day(20) });
        given([formed(NORTH, 1), dissolved(NORTH, 5)])
            .when(merge())
            .then_refused(Refusal::BranchDissolved { branch: branch(), dissolved: day(5) });
        given(north_and_south())
            .and([planned(merger(), 5)])
            .when(merge())
            .then_refused(Refusal::PlanOpen { branch: branch(), planned: day(5) });
    }

    #[test]
    fn targets_that_take_nobody_in_are_refused() {
        let south = || "south".to_owned();
        given([formed(NORTH, 1)])
            .when(merge())
            .then_refused(Refusal::TargetUnknown { code: code("south") });
        given(north_and_south())
            .when(PlanReorganisation { to: Some(code("north")), ..merge() })
            .then_refused(Refusal::TargetEnds { branch: "north".into() });
        given(north_and_south())
            .and([branch_suspended(SOUTH, 5)])
            .when(merge())
            .then_refused(Refusal::BranchSuspended { branch: south(), since: day(5) });
        given(north_and_south())
            .and([winding_up(SOUTH, 5)])
            .when(merge())
            .then_refused(Refusal::BranchWindingUp { branch: south(), since: day(5) });
        given(north_and_south())
            .and([kind_changed(SOUTH, "branch", "committee", 5)])
            .when(merge())
            .then_refused(Refusal::KindNotHome { branch: south(), kind: "committee".into() });
    }

    #[test]
    fn lines_and_new_branches_must_be_sound() {
        let new = |name: &str, kind: Option<&str>| BranchWish {
            code: code(name),
            name: text("New"),
            kind: kind.map(code),
        };
        given(north_and_south())
            .when(PlanReorganisation { forms: vec![new("south", None)], ..merge() })
            .then_refused(Refusal::NewCodeTaken { code: code("south") });
        given(north_and_south())
            .when(PlanReorganisation { forms: vec![new("west", Some("club"))], ..merge() })
            .then_refused(Refusal::KindUnknown { kind: code("club") });
        given([formed(NORTH, 1), formed(SOUTH, 1)])
            .when(PlanReorganisation {
                lines: vec![LineWish { person: ANN, to: code("south") }],
                ..merge()
            })
            .then_refused(Refusal::NotInSources { person: ANN, effective: day(10) });
    }

    #[test]
    fn the_list_of_codes_is_that_of_the_events() {
        assert!(PlanForm::ALL.iter().map(|(code, _)| *code).eq(FORMS.iter().copied()));
    }
}
