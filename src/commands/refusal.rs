//! Why a command is refused: a closed list per command, each with a stable code.

use std::fmt;

/// Why a command was refused.
pub trait Refusal: fmt::Debug + Send + Sync + 'static {
    /// The codes of all refusals of the command, in order of precedence.
    const CODES: &'static [&'static str];

    /// Stable, `snake_case`, never reused for another reason.
    fn code(&self) -> &'static str;

    /// The parameters of its sentence, by name: codes, ids and dates, never names of people.
    fn args(&self) -> Vec<(&'static str, String)>;
}

/// A refusal whose type no longer matters: nobody branches on it beyond this point. Its sentence
/// stands in the message catalogue under its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The refusal's code.
    pub code: &'static str,
    /// The parameters of its sentence.
    pub args: Vec<(&'static str, String)>,
}

impl Refused {
    /// Forgets the refusal's type.
    pub fn new(refusal: &impl Refusal) -> Self {
        Self { code: refusal.code(), args: refusal.args() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        for (index, (name, value)) in self.args.iter().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}

/// Declares a command's refusals in order of precedence, each with its code and parameters.
macro_rules! refusals {
    (
        $(#[$doc:meta])*
        $Name:ident {
            $(
                $(#[$variant_doc:meta])*
                $Variant:ident($code:literal) { $($field:ident: $Type:ty),* $(,)? },
            )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $Name {
            $(
                $(#[$variant_doc])*
                $Variant { $(#[doc = "A parameter of the sentence."] $field: $Type,)* },
            )*
        }

        $($crate::commands::refusal::shared_refusal!($Name $Variant);)*

        impl $crate::commands::refusal::Refusal for $Name {
            const CODES: &'static [&'static str] = &[$($code,)*];

            fn code(&self) -> &'static str {
                match *self { $(Self::$Variant { .. } => $code,)* }
            }

            fn args(&self) -> Vec<(&'static str, String)> {
                match *self {
                    $(Self::$Variant { $(ref $field,)* } => {
                        vec![$((stringify!($field), $field.to_string()),)*]
                    })*
                }
            }
        }
    };
}
pub(crate) use refusals;

/// What commands share they refuse alike: by these variants.
macro_rules! shared_refusal {
    ($Name:ident BeforeFormation) => {
        impl From<$crate::commands::shared::TooEarly> for $Name {
            fn from(early: $crate::commands::shared::TooEarly) -> Self {
                Self::BeforeFormation { branch: early.branch, formed: early.formed }
            }
        }
    };
    ($Name:ident BranchWindingUp) => {
        impl From<$crate::commands::phase::Shut> for $Name {
            fn from(shut: $crate::commands::phase::Shut) -> Self {
                use $crate::commands::phase::Shut;
                match shut {
                    Shut::Suspended(branch, since) => Self::BranchSuspended { branch, since },
                    Shut::WindingUp(branch, since) => Self::BranchWindingUp { branch, since },
                }
            }
        }
    };
    ($Name:ident HostUnknown) => {
        impl From<$crate::commands::shared::NotOperating> for $Name {
            fn from(trouble: $crate::commands::shared::NotOperating) -> Self {
                use $crate::commands::shared::NotOperating as Trouble;
                match trouble {
                    Trouble::Unknown(host) => Self::HostUnknown { host },
                    Trouble::NotYet(host, registered) => Self::HostNotYet { host, registered },
                    Trouble::Closed(host, closed) => Self::HostClosed { host, closed },
                }
            }
        }
    };
    ($Name:ident NoMembership) => {
        impl From<$crate::commands::shared::life::NotOne> for $Name {
            fn from(trouble: $crate::commands::shared::life::NotOne) -> Self {
                use $crate::commands::shared::life::NotOne as Trouble;
                match trouble {
                    Trouble::None(person, effective) => Self::NoMembership { person, effective },
                    Trouble::Several(person, effective) => {
                        Self::SeveralMemberships { person, effective }
                    }
                }
            }
        }
    };
    ($Name:ident HomeNeeded) => {
        impl From<$crate::commands::shared::life::UnfitHome> for $Name {
            fn from(trouble: $crate::commands::shared::life::UnfitHome) -> Self {
                use $crate::commands::shared::life::UnfitHome as Trouble;
                match trouble {
                    Trouble::Needed(state) => Self::HomeNeeded { state },
                    Trouble::Unknown(branch) => Self::BranchUnknown { branch },
                    Trouble::Early(early) => early.into(),
                    Trouble::Dissolved(branch, dissolved) => {
                        Self::BranchDissolved { branch, dissolved }
                    }
                    Trouble::Shut(shut) => shut.into(),
                    Trouble::NoHome(branch, kind) => Self::KindNotHome { branch, kind },
                }
            }
        }
    };
    ($Name:ident StepNotAllowed) => {
        impl From<$crate::commands::shared::steps::NoStep> for $Name {
            fn from(none: $crate::commands::shared::steps::NoStep) -> Self {
                Self::StepNotAllowed { from: none.from, to: none.to, allowed: none.allowed }
            }
        }
    };
    ($Name:ident OnTrial) => {
        impl From<$crate::commands::shared::steps::OnTrial> for $Name {
            fn from(trial: $crate::commands::shared::steps::OnTrial) -> Self {
                Self::OnTrial { person: trial.0, until: trial.1 }
            }
        }
    };
    ($Name:ident HomeStays) => {
        impl From<$crate::commands::shared::steps::BadStep> for $Name {
            fn from(trouble: $crate::commands::shared::steps::BadStep) -> Self {
                use $crate::commands::shared::steps::BadStep as Trouble;
                match trouble {
                    Trouble::Unknown(state, known) => Self::StateUnknown { state, known },
                    Trouble::HomeStays(person, branch) => Self::HomeStays { person, branch },
                }
            }
        }
    };
    ($Name:ident IdentityInDoubt) => {
        impl From<$crate::commands::shared::identity::Unsound> for $Name {
            fn from(trouble: $crate::commands::shared::identity::Unsound) -> Self {
                use $crate::commands::shared::identity::Unsound as Trouble;
                match trouble {
                    Trouble::Died(person, died) => Self::PersonDied { person, died },
                    Trouble::Merged(person, into) => Self::PersonMerged { person, into },
                    Trouble::InDoubt(person, other) => Self::IdentityInDoubt { person, other },
                }
            }
        }
    };
    ($Name:ident LaterChange) => {
        impl From<$crate::commands::shared::LaterChange> for $Name {
            fn from(later: $crate::commands::shared::LaterChange) -> Self {
                Self::LaterChange { later: later.0 }
            }
        }
    };
    ($Name:ident $Variant:ident) => {};
}
pub(crate) use shared_refusal;
