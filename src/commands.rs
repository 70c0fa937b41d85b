//! Everything the ledger can be asked to do. One file per command, one line per command below.
//!
//! A command is decided against what it looks at ([`Decide::looks_at`]), purely: the same command,
//! the same known record and the same setting give the same events.

mod cases;
mod ending;
pub mod field;
pub mod note;
mod phase;
mod planning;
pub mod refusal;
mod rehoming;
mod rerouting;
mod shared;
mod taking_in;

use events::{Date, Event, Guard, LedgerId, PersonId, StreamId};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::actor::Actor;
use crate::state::Known;

pub use field::{Correcting, Field, FieldKind};
pub use note::Note;
pub use refusal::{Refusal, Refused};

/// A request to add events to the record.
pub trait Decide: Serialize + DeserializeOwned + std::fmt::Debug + Send + Sync + 'static {
    /// Its name on the wire and on the command line.
    const NAME: &'static str;
    /// Its fields, for command lines, forms and help texts.
    const FIELDS: &'static [Field];
    /// Why it may be refused, in order of precedence.
    type Refusal: Refusal;

    /// From when its facts shall hold.
    fn effective(&self) -> Date;

    /// What it must look at before it can be decided, given what is known so far. Asked again until
    /// it names nothing new; each look is asserted when the events are recorded.
    fn looks_at(&self, known: &Known) -> Vec<Guard>;

    /// Somebody of whom there is most likely nothing in the record yet. That is taken for granted
    /// at first and asserted when the events are recorded, so the record is not asked before.
    fn taken_for_new(&self) -> Option<PersonId> {
        None
    }

    /// Decides. What is already so gives no events, so that retries are harmless.
    ///
    /// # Errors
    /// The first refusal that applies.
    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Self::Refusal>;
}

/// What a decision may use beside the record: handed in, so that deciding stays pure.
pub struct Setting<'a> {
    /// Who acts.
    pub actor: &'a Actor,
    /// The ledger that is written to.
    pub ledger: LedgerId,
    /// Today, in the ledger's zone.
    pub today: Date,
    /// The second person, where one stands behind it.
    pub approver: Option<PersonId>,
    /// Gives ids for new subjects.
    pub fresh: &'a mut dyn FnMut() -> Uuid,
}

/// What was decided.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Decided {
    /// The events, each with the stream that it joins, in order.
    pub events: Vec<(StreamId, Event)>,
    /// What the caller should be told.
    pub notes: Vec<Note>,
}

impl Decided {
    /// It is already so: nothing new to record.
    #[must_use]
    pub fn already_so() -> Self {
        Self::default()
    }

    /// One more event.
    pub fn push(&mut self, stream: impl Into<StreamId>, event: impl Into<Event>) {
        self.events.push((stream.into(), event.into()));
    }
}

/// Any command, once its name is known.
pub trait AnyCommand: std::fmt::Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// See [`Decide::effective`].
    fn effective(&self) -> Date;
    /// See [`Decide::looks_at`].
    fn looks_at(&self, known: &Known) -> Vec<Guard>;
    /// See [`Decide::taken_for_new`].
    fn taken_for_new(&self) -> Option<PersonId>;
    /// See [`Decide::decide`].
    ///
    /// # Errors
    /// The refusal, its type forgotten.
    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refused>;
    /// Its body as JSON, to tell a retry from another command with the same key.
    fn body(&self) -> Vec<u8>;
}

impl<C: Decide> AnyCommand for C {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn effective(&self) -> Date {
        Decide::effective(self)
    }

    fn looks_at(&self, known: &Known) -> Vec<Guard> {
        Decide::looks_at(self, known)
    }

    fn taken_for_new(&self) -> Option<PersonId> {
        Decide::taken_for_new(self)
    }

    fn decide(&self, known: &Known, setting: &mut Setting<'_>) -> Result<Decided, Refused> {
        Decide::decide(self, known, setting).map_err(|refusal| Refused::new(&refusal))
    }

    fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&(C::NAME, self)).expect("a command came from JSON and goes back to it")
    }
}

/// What there is to know about a command without having one.
#[derive(Debug)]
pub struct CommandInfo {
    /// Its name.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// The codes of its refusals, in order of precedence.
    pub refusals: &'static [&'static str],
    /// Reads it from JSON.
    pub parse: fn(serde_json::Value) -> serde_json::Result<Box<dyn AnyCommand>>,
}

fn info<C: Decide>() -> CommandInfo {
    CommandInfo {
        name: C::NAME,
        fields: C::FIELDS,
        refusals: C::Refusal::CODES,
        parse: |body| serde_json::from_value::<C>(body).map(|command| Box::new(command) as _),
    }
}

macro_rules! commands {
    ($($module:ident::$Command:ident,)*) => {
        $(pub mod $module;)*
        $(pub use $module::$Command;)*

        /// Every command there is, in alphabetical order.
        #[must_use]
        pub fn all() -> Vec<CommandInfo> {
            vec![$(info::<$Command>(),)*]
        }
    };
}

commands! {
    abandon_winding_up::AbandonWindingUp,
    accept_relation::AcceptRelation,
    accept_transfer::AcceptTransfer,
    accept_transfer_by_rule::AcceptTransferByRule,
    admit_member::AdmitMember,
    adopt_policy::AdoptPolicy,
    appeal_transfer::AppealTransfer,
    apply_for_membership::ApplyForMembership,
    approve_branch::ApproveBranch,
    approve_plan::ApprovePlan,
    assign_secondary_place::AssignSecondaryPlace,
    attach_hosts::AttachHosts,
    cancel_probation::CancelProbation,
    change_branch_kind::ChangeBranchKind,
    change_host::ChangeHost,
    change_state::ChangeState,
    close_host::CloseHost,
    correct_events::CorrectEvents,
    decide_appeal::DecideAppeal,
    declare_distinct::DeclareDistinct,
    declare_successor::DeclareSuccessor,
    define_area::DefineArea,
    detach_hosts::DetachHosts,
    dissolve_branch::DissolveBranch,
    divert_transfer::DivertTransfer,
    elect_officer::ElectOfficer,
    employ_member::EmployMember,
    end_acting::EndActing,
    end_employment::EndEmployment,
    end_membership::EndMembership,
    end_mobility::EndMobility,
    end_relation::EndRelation,
    end_secondary_place::EndSecondaryPlace,
    escalate_transfer::EscalateTransfer,
    execute_plan::ExecutePlan,
    expire_transfer::ExpireTransfer,
    extend_probation::ExtendProbation,
    form_branch::FormBranch,
    hand_over_post::HandOverPost,
    issue_transfer::IssueTransfer,
    leave_post::LeavePost,
    merge_persons::MergePersons,
    move_branch::MoveBranch,
    name_acting::NameActing,
    plan_reorganisation::PlanReorganisation,
    present_transfer::PresentTransfer,
    propose_branch::ProposeBranch,
    propose_relation::ProposeRelation,
    receipt_transfer::ReceiptTransfer,
    receive_external::ReceiveExternal,
    record_death::RecordDeath,
    register_host::RegisterHost,
    register_mobility::RegisterMobility,
    register_person::RegisterPerson,
    reissue_transfer::ReissueTransfer,
    reject_branch::RejectBranch,
    remake_plan::RemakePlan,
    rename_branch::RenameBranch,
    report_contact_lost::ReportContactLost,
    report_contact_regained::ReportContactRegained,
    restore_membership::RestoreMembership,
    resume_branch::ResumeBranch,
    resume_transfer::ResumeTransfer,
    return_transfer::ReturnTransfer,
    start_winding_up::StartWindingUp,
    stop_membership::StopMembership,
    suspect_duplicate::SuspectDuplicate,
    suspend_branch::SuspendBranch,
    suspend_transfer::SuspendTransfer,
    take_post::TakePost,
    transfer_member::TransferMember,
    unmerge_persons::UnmergePersons,
    void_letter::VoidLetter,
    withdraw_plan::WithdrawPlan,
    withdraw_transfer::WithdrawTransfer,
}
