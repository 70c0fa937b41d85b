//! Questions about the field: how well it is covered, where not, and who answers for whom.

use events::policy::{CoverageRules, RuleSet};
use events::{Code, Guard};
use projections::questions::coverage::{self, DIMENSIONS, Listed, MEASURES};
use projections::questions::gaps::Beside;
use projections::questions::{Coverage, Gap, Holding, ResponsibleEntry, gaps, responsible};
use projections::{
    At, Filter, Row, Table, birth_bands, branches, coverings, employments, hosts, likenesses,
    membership_states, memberships, relations,
};
use tokio::try_join;

use super::queries::within;
use super::{Error, Ledger};
use crate::actor::Actor;
use crate::store::StoreError;

/// The rows of one place, fetched once for a question.
struct Fetched {
    branches: Vec<Row>,
    hosts: Vec<Row>,
    coverings: Vec<Row>,
    relations: Vec<Row>,
    employments: Vec<Row>,
    memberships: Vec<Row>,
    birth_bands: Vec<Row>,
    likenesses: Vec<Row>,
    rules: CoverageRules,
    year: i16,
}

impl Fetched {
    fn holding(&self) -> Holding<'_> {
        Holding {
            branches: &self.branches,
            hosts: &self.hosts,
            coverings: &self.coverings,
            relations: &self.relations,
            employments: &self.employments,
            memberships: &self.memberships,
            birth_bands: &self.birth_bands,
            likenesses: &self.likenesses,
            rules: &self.rules,
            year: self.year,
        }
    }
}

impl Ledger {
    /// How well is the field covered?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn coverage(&self, actor: &Actor, at: At) -> Result<Coverage, Error> {
        if let Some(kept) = self.kept_at(actor, at).await {
            let rules = self.coverage_rules(at).await?;
            return Ok(kept.index().coverage(at.valid_on, at.known_at, &rules));
        }
        let filter = within(actor, at);
        let ages = async {
            match self.summed(actor, at).await?.and_then(|counts| counts.ages()) {
                Some(ages) => Ok(ages),
                None => Ok(self.store().ages(&filter).await?),
            }
        };
        let (field, ages) = try_join!(self.fetch_field(at, &filter), ages)?;
        Ok(coverage::coverage(&field.holding(), &ages))
    }

    /// The list behind a number of the coverage: of a measure, and of one value in one dimension
    /// where that is asked.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown measure or dimension, or what keeps the store from
    /// answering.
    pub async fn covered(
        &self,
        actor: &Actor,
        at: At,
        measure: &str,
        of: Option<(&str, &str)>,
    ) -> Result<Vec<Listed>, Error> {
        let not_found = |what, given: &str| Error::NotFound { what, given: given.to_owned() };
        if !MEASURES.contains(&measure) {
            return Err(not_found("measure", measure));
        }
        let known = match measure {
            "branches" => &["mode"],
            "members" => &["age_band"],
            _ => DIMENSIONS,
        };
        if let Some((dimension, _)) = of.filter(|(dimension, _)| !known.contains(dimension)) {
            return Err(not_found("dimension", dimension));
        }
        let fetched = match measure {
            "members" => self.fetch(actor, at).await?,
            // Nothing else that is counted says anything about persons.
            _ => self.fetch_field(at, &within(actor, at)).await?,
        };
        Ok(coverage::listed(&fetched.holding(), measure, of))
    }

    /// Where does coverage fall short of what the rules expect?
    ///
    /// # Errors
    /// What keeps the store from answering.
    pub async fn gaps(&self, actor: &Actor, at: At) -> Result<Vec<Gap>, Error> {
        let Some(rules) = self.rules_at(at).await? else { return Ok(Vec::new()) };
        let filter = within(actor, at);
        let states = self.store().rows(membership_states::TABLE, &filter, &[]).await?;
        let beside = Beside { states: &states, rules: &rules };
        Ok(gaps(&self.fetch(actor, at).await?.holding(), &beside))
    }

    /// Who is responsible for each host, or for one, and by which line?
    ///
    /// # Errors
    /// [`Error::NotFound`] for a host that is not there, or what keeps the store from answering.
    pub async fn responsible(
        &self,
        actor: &Actor,
        at: At,
        host: Option<&str>,
    ) -> Result<Vec<ResponsibleEntry>, Error> {
        let field = self.fetch_field(at, &within(actor, at)).await?;
        let entries = responsible(&field.holding());
        let Some(given) = host else { return Ok(entries) };
        let id = self.host_named(given).await?;
        let code = self.host_code(id).await?;
        let own: Vec<_> = entries.into_iter().filter(|entry| entry.host == code).collect();
        if own.is_empty() {
            return Err(Error::NotFound { what: "host", given: given.to_owned() });
        }
        Ok(own)
    }

    async fn host_code(&self, id: events::HostId) -> Result<String, Error> {
        let mut session = self.session();
        session.look(Guard::Host(id)).await?;
        let code = session.known().host(id).and_then(|host| host.code().cloned());
        Ok(code.map(|code: Code| code.to_string()).unwrap_or_default())
    }

    async fn fetch(&self, actor: &Actor, at: At) -> Result<Fetched, Error> {
        let filter = within(actor, at);
        let field = self.fetch_field(at, &filter).await?;
        let (employments, memberships, birth_bands, likenesses) = try_join!(
            self.rows(employments::TABLE, &filter),
            self.rows(memberships::TABLE, &filter),
            self.rows(birth_bands::TABLE, &filter),
            self.rows(likenesses::TABLE, &filter),
        )?;
        Ok(Fetched { employments, memberships, birth_bands, likenesses, ..field })
    }

    /// The same without the rows about persons.
    async fn fetch_field(&self, at: At, filter: &Filter) -> Result<Fetched, Error> {
        let (branches, hosts, coverings, relations) = try_join!(
            self.rows(branches::TABLE, filter),
            self.rows(hosts::TABLE, filter),
            self.rows(coverings::TABLE, filter),
            self.rows(relations::TABLE, filter),
        )?;
        Ok(Fetched {
            branches,
            hosts,
            coverings,
            relations,
            employments: Vec::new(),
            memberships: Vec::new(),
            birth_bands: Vec::new(),
            likenesses: Vec::new(),
            rules: self.coverage_rules(at).await?,
            year: at.valid_on.year(),
        })
    }

    async fn rows(&self, table: &'static Table, filter: &Filter) -> Result<Vec<Row>, StoreError> {
        self.store().rows(table, filter, &[]).await
    }

    /// The rules about coverage that were in force on D, as known at K.
    async fn coverage_rules(&self, at: At) -> Result<CoverageRules, Error> {
        let rules = self.rules_at(at).await?;
        Ok(rules.map_or_else(CoverageRules::open, |rules| rules.coverage))
    }

    /// The rules that were in force on D, as known at K.
    pub(super) async fn rules_at(&self, at: At) -> Result<Option<RuleSet>, Error> {
        let policies = self.policies(at.known_at).await?;
        Ok(policies.on(at.valid_on).map(|in_force| in_force.rules.into_owned()))
    }
}
