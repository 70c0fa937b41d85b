//! What can never change, written down once more, so that a change is seen.

use serde::{Serialize, de::DeserializeOwned};

use super::{bytes, expected::LEDGER};
use crate::branch::{FormationMode, Rank};
use crate::family::kinds;
use crate::leaf::{Frontier, leaf};
use crate::membership::{EndReason, Via};
use crate::policy::{BeforeFormation, Dissolution, OnSilence, OpenAtOnce};
use crate::post::{HoldingMode, LeaveReason};
use crate::relation::RelationKind;
use crate::reorganisation::PlanForm;
use crate::transfer::ClosedBecause;
use crate::{FamilyName, Position, Precision};

/// Lines are added, and neither changed nor taken away.
const NUMBERS: &[(u16, &str)] = &[
    (101, "LedgerOpened"),
    (102, "AreaDefined"),
    (201, "PersonRegistered"),
    (202, "BirthBandRecorded"),
    (203, "PersonDied"),
    (204, "DuplicateSuspected"),
    (205, "DeclaredDistinct"),
    (206, "PersonMerged"),
    (207, "PersonUnmerged"),
    (301, "MembershipAdmitted"),
    (302, "HomeMoved"),
    (303, "MembershipEnded"),
    (304, "MembershipApplied"),
    (305, "MembershipStateChanged"),
    (306, "ProbationExtended"),
    (307, "ContactLost"),
    (308, "ContactRegained"),
    (309, "MobilityRegistered"),
    (310, "MobilityEnded"),
    (311, "SecondaryPlaceAssigned"),
    (312, "SecondaryPlaceEnded"),
    (401, "BranchFormed"),
    (402, "BranchRenamed"),
    (403, "BranchMoved"),
    (404, "BranchDissolved"),
    (405, "HostAttached"),
    (406, "HostDetached"),
    (407, "BranchProposed"),
    (408, "BranchApproved"),
    (409, "BranchProposalRejected"),
    (410, "BranchSuspended"),
    (411, "BranchResumed"),
    (412, "WindingUpStarted"),
    (413, "WindingUpAbandoned"),
    (414, "BranchKindChanged"),
    (415, "BranchReFormed"),
    (501, "PostTaken"),
    (502, "PostLeft"),
    (503, "PostTermSet"),
    (504, "ActingNamed"),
    (505, "ActingEnded"),
    (601, "PolicyAdopted"),
    (701, "HostRegistered"),
    (702, "HostChanged"),
    (703, "HostClosed"),
    (704, "PersonEmployed"),
    (705, "EmploymentEnded"),
    (801, "RelationProposed"),
    (802, "RelationAccepted"),
    (803, "RelationEnded"),
    (1001, "TransferIssued"),
    (1002, "TransferPresented"),
    (1003, "TransferAccepted"),
    (1004, "TransferReturned"),
    (1005, "TransferReissued"),
    (1006, "TransferWithdrawn"),
    (1007, "TransferExpired"),
    (1008, "TransferLetterVoided"),
    (1009, "TransferDiverted"),
    (1010, "TransferClockSuspended"),
    (1011, "TransferClockResumed"),
    (1012, "TransferEscalated"),
    (1013, "TransferAcceptedByRule"),
    (1014, "TransferAppealed"),
    (1015, "TransferAppealDecided"),
    (1016, "TransferReceipted"),
    (1017, "TransferClosed"),
    (1018, "TransferReceived"),
    (1019, "TransferDepartedExternal"),
    (1020, "TransferOriginMoved"),
    (1021, "TransferReceiptUnmatched"),
    (1022, "TransferReceiptMatched"),
    (1101, "ReorganisationPlanned"),
    (1102, "ReorganisationApproved"),
    (1103, "ReorganisationExecuted"),
    (1104, "ReorganisationWithdrawn"),
    (1201, "ClockAdvanced"),
    (1202, "FellDue"),
    (1203, "ScreeningHeld"),
    (1301, "EventRetracted"),
    (1302, "EventRedated"),
    (1303, "EventReplaced"),
];

#[test]
fn numbers_and_names_are_frozen() {
    let today: Vec<_> = kinds().iter().map(|kind| (kind.number, kind.name)).collect();
    assert_eq!(today, NUMBERS);
}

#[test]
fn numbers_and_names_are_unique() {
    let mut names: Vec<_> = NUMBERS.iter().map(|(_, name)| name).collect();
    names.sort();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(NUMBERS.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn family_names_are_frozen() {
    let frozen = [
        (FamilyName::Ledger, "ledger"),
        (FamilyName::Person, "person"),
        (FamilyName::Membership, "membership"),
        (FamilyName::Branch, "branch"),
        (FamilyName::Post, "post"),
        (FamilyName::Policy, "policy"),
        (FamilyName::Host, "host"),
        (FamilyName::Relation, "relation"),
        (FamilyName::Transfer, "transfer"),
        (FamilyName::Reorganisation, "reorganisation"),
        (FamilyName::Clock, "clock"),
    ];
    for (family, name) in frozen {
        assert_eq!((family.as_str(), FamilyName::parse(name)), (name, Some(family)));
    }
}

#[test]
fn codes_are_frozen() {
    frozen(&[(Precision::Year, "year"), (Precision::Month, "month")]);
    frozen(&[
        (Via::Transfer, "transfer"),
        (Via::Reorganisation, "reorganisation"),
        (Via::Correction, "correction"),
        (Via::Import, "import"),
    ]);
    frozen(&[
        (EndReason::Left, "left"),
        (EndReason::Died, "died"),
        (EndReason::Expelled, "expelled"),
        (EndReason::Removed, "removed"),
        (EndReason::BranchDissolved, "branch_dissolved"),
        (EndReason::Departed, "departed"),
        (EndReason::Withdrew, "withdrew"),
        (EndReason::Resigned, "resigned"),
        (EndReason::ProbationCancelled, "probation_cancelled"),
        (EndReason::Declined, "declined"),
        (EndReason::Duplicate, "duplicate"),
    ]);
    assert!(EndReason::ALL.iter().all(|(code, reason)| reason.code() == *code));
    assert!(EndReason::ALL.iter().all(|(code, reason)| json(reason) == format!("\"{code}\"")));
    frozen(&[
        (LeaveReason::Left, "left"),
        (LeaveReason::HomeEnded, "home_ended"),
        (LeaveReason::NotFull, "not_full"),
        (LeaveReason::BranchDissolved, "branch_dissolved"),
        (LeaveReason::Succeeded, "succeeded"),
        (LeaveReason::Died, "died"),
    ]);
    frozen(&[
        (OpenAtOnce::OnePerPerson, "one_per_person"),
        (OpenAtOnce::OnePerBranch, "one_per_branch"),
    ]);
    frozen(&[
        (Dissolution::WhenEmpty, "when_empty"),
        (Dissolution::EndsWhatIsLeft, "ends_what_is_left"),
    ]);
}

#[test]
fn codes_of_bodies_are_frozen() {
    frozen(&[
        (FormationMode::Standalone, "standalone"),
        (FormationMode::JointByIndustry, "joint_by_industry"),
        (FormationMode::LedByFirm, "led_by_firm"),
        (FormationMode::ByRegion, "by_region"),
        (FormationMode::Online, "online"),
    ]);
    frozen(&[(HoldingMode::Elected, "elected"), (HoldingMode::Appointed, "appointed")]);
    assert!(HoldingMode::ALL.iter().all(|(code, mode)| json(mode) == format!("\"{code}\"")));
    frozen(&[
        (PlanForm::Merge, "merge"),
        (PlanForm::Split, "split"),
        (PlanForm::Dissolution, "dissolution"),
        (PlanForm::Move, "move"),
    ]);
    assert!(PlanForm::ALL.iter().all(|(code, form)| json(form) == format!("\"{code}\"")));
    frozen(&[(Rank::Primary, "primary"), (Rank::Secondary, "secondary")]);
    assert!(FormationMode::ALL.iter().all(|(code, mode)| json(mode) == format!("\"{code}\"")));
    frozen(&[
        (RelationKind::SupervisedBy, "supervised_by"),
        (RelationKind::GuidedBy, "guided_by"),
        (RelationKind::HostedBy, "hosted_by"),
        (RelationKind::JointlyBuiltWith, "jointly_built_with"),
        (RelationKind::LedBy, "led_by"),
        (RelationKind::FallbackResponsibleFor, "fallback_responsible_for"),
        (RelationKind::MemberOfAssociation, "member_of_association"),
    ]);
    assert!(RelationKind::ALL.iter().all(|(code, kind)| json(kind) == format!("\"{code}\"")));
}

#[test]
fn codes_of_rules_and_transfers_are_frozen() {
    frozen(&[
        (OnSilence::Wait, "wait"),
        (OnSilence::Escalate, "escalate"),
        (OnSilence::Accept, "accept"),
    ]);
    frozen(&[
        (ClosedBecause::MembershipEnded, "membership_ended"),
        (ClosedBecause::Died, "died"),
        (ClosedBecause::Expelled, "expelled"),
        (ClosedBecause::Removed, "removed"),
        (ClosedBecause::HomeLost, "home_lost"),
        (ClosedBecause::HomeMoved, "home_moved"),
        (ClosedBecause::BranchDissolved, "branch_dissolved"),
    ]);
    assert!(ClosedBecause::ALL.iter().all(|(code, why)| json(why) == format!("\"{code}\"")));
    frozen(&[(BeforeFormation::Refuse, "refuse"), (BeforeFormation::Hold, "hold")]);
}

#[track_caller]
fn frozen<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(codes: &[(T, &str)]) {
    for (value, code) in codes {
        assert_eq!(json(value), format!("\"{code}\""));
        assert_eq!(serde_json::from_str::<T>(&json(value)).expect("a code"), *value);
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

/// Computed by another program, in another language, from the definition alone.
#[test]
fn leaves_and_roots_are_frozen() {
    let salt = std::array::from_fn(|index| u8::try_from(index).expect("32 bytes"));
    let one = leaf(LEDGER, Position(42), &salt, &bytes("envelope.v1"), &bytes("302-HomeMoved.v1"));
    let other = leaf(
        LEDGER,
        Position(43),
        &[255; 32],
        &bytes("envelope.v1.minimal"),
        &bytes("302-HomeMoved.v1.minimal"),
    );
    assert_eq!(
        hex(&one),
        concat!(
            "726f6c6c626f6f6b2f310a",
            "5b0c8f0e6a3d4f579d2e0c41f7a9b3e6",
            "000000000000002a",
            "87a1641add53a3855e28c98bbf8d087315a89dd9124b132d2a1cdd5796b7a6aa",
        )
    );
    assert_eq!(
        hex(&other),
        concat!(
            "726f6c6c626f6f6b2f310a",
            "5b0c8f0e6a3d4f579d2e0c41f7a9b3e6",
            "000000000000002b",
            "4fd8aefc3a7b4fd5dcc699d39a7b03b9a6b5dc2b0f8a48dfca015074f5c774ac",
        )
    );
    let mut tree = Frontier::default();
    tree.push(&one);
    let root = "641998ceb3a27ddf45972970876791f5c9d10ea224c0e6bb1a051bf0ec983f75";
    assert_eq!(hex(&tree.root()), root);
    tree.push(&other);
    tree.push(&one);
    let root = "258662fa2cfbd9fae367d5337494a496801255e5283f2c1342706166a8da1f3b";
    assert_eq!(hex(&tree.root()), root);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
