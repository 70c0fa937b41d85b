//! Who acts. Every command and every question comes with an [`Actor`].

/// Who acts or asks, and within which part of the tree. Rights narrow here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    id: String,
    post: Option<String>,
    scope: Scope,
}

/// The part of the tree within which somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Whole,
}

impl Actor {
    /// Whoever sits at this machine and can read the ledger's files: all of the tree is theirs.
    /// Their system name is a person's and is not kept.
    #[must_use]
    pub fn local() -> Self {
        Self { id: "local".to_owned(), post: None, scope: Scope::Whole }
    }

    /// Who it is, as envelopes name them: an id, never a name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The post in which they act.
    #[must_use]
    pub fn post(&self) -> Option<&str> {
        self.post.as_deref()
    }

    /// Within which part of the tree.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }
}
