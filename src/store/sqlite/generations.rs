//! The generations of a projection's table: the one that serves, the next one while it is built,
//! and the former one, kept to go back to. Under the projection's name stands a view of the one
//! that serves, in which ids and dates are written out.
//!
//! SQLite renames tables and not indexes, so an index carries a mark that is free when it is made,
//! and is looked up by the table that it belongs to.

use std::fmt::Write;

use projections::table::PLACE_COLUMNS;
use projections::{ColumnKind, Table};
use rusqlite::OptionalExtension;

use super::append::Ledger;
use super::fault::Fault;
use crate::store::Generation;

impl Generation {
    /// The name of its row in `projections`.
    pub(super) fn name(self, table: &Table) -> String {
        match self {
            Self::Draft => format!("{}_draft", table.name),
            Self::Serving => table.name.to_owned(),
            Self::Next => format!("{}_next", table.name),
            Self::Former => format!("{}_former", table.name),
        }
    }

    /// The table's name.
    pub(super) fn rows(self, table: &Table) -> String {
        format!("{}_rows", self.name(table))
    }

    /// The table as a statement names it.
    pub(super) fn standing(self, table: &Table) -> String {
        format!("main.\"{}\"", self.rows(table))
    }
}

/// The marks of indexes: as many as there are generations at once.
const MARKS: [&str; 3] = ["", "_2", "_3"];

/// An index of a projection's table.
pub(super) struct Index {
    pub(super) name: String,
    pub(super) sql: String,
}

/// The statement that makes a projection's table.
pub(super) fn table_sql(table: &Table, generation: Generation) -> String {
    // As it stands in the schema then: without the name of the database.
    let mut sql = format!("CREATE TABLE \"{}\" (\n", generation.rows(table));
    for column in table.columns {
        let null = if column.optional { "" } else { " NOT NULL" };
        let kind = match column.kind {
            // A position, or an id's text: see `cells`.
            ColumnKind::Id => "ANY",
            ColumnKind::Text => "TEXT",
            ColumnKind::Number => "INTEGER",
        };
        writeln!(sql, "    \"{}\" {kind}{null},", column.name).expect("a string takes all");
    }
    sql.push_str(
        "    valid_from INTEGER NOT NULL,
    valid_until INTEGER,
    known_from INTEGER NOT NULL,
    known_until INTEGER,
    opened_by INTEGER NOT NULL,
    closed_by INTEGER,
    line INTEGER NOT NULL,
    PRIMARY KEY (known_from, opened_by, line)
) STRICT, WITHOUT ROWID",
    );
    sql
}

/// The statement that makes the view of the table that serves.
pub(super) fn view_sql(table: &Table) -> String {
    let own = table.columns.iter().map(|column| match column.kind {
        ColumnKind::Id => format!(
            "coalesce((SELECT aggregate_id FROM events WHERE position = \"{0}\"), \"{0}\") \
             AS \"{0}\"",
            column.name
        ),
        ColumnKind::Text | ColumnKind::Number => format!("\"{}\"", column.name),
    });
    let place = PLACE_COLUMNS.iter().map(|name| match *name {
        "valid_from" | "valid_until" => format!(
            "CASE WHEN {name} NOT NULL THEN printf('%04d-%02d-%02d', {name} / 10000, \
             {name} / 100 % 100, {name} % 100) END AS {name}"
        ),
        name => name.to_owned(),
    });
    let columns = own.chain(place).collect::<Vec<_>>().join(",\n    ");
    let rows = Generation::Serving.rows(table);
    format!("CREATE VIEW \"{}\" AS SELECT\n    {columns}\nFROM \"{rows}\"", table.name)
}

/// The name of the index in which rows are looked up by a column.
pub(super) fn looking_index(table: &Table, mark: &str, column: &str) -> String {
    format!("{}{mark}_by_{column}", table.name)
}

/// The name of the index in which rows that are known now are counted by a column.
pub(super) fn counting_index(table: &Table, mark: &str, column: &str) -> String {
    format!("{}{mark}_now_{column}", table.name)
}

/// The indexes of a projection's table that stands under a name.
pub(super) fn indexes(table: &Table, standing: &str, mark: &str) -> Vec<Index> {
    let indexed = table.columns.iter().filter(|column| column.indexed).map(|column| {
        let (name, column) = (looking_index(table, mark, column.name), column.name);
        let sql = format!("CREATE INDEX \"{name}\" ON \"{standing}\" (\"{column}\")");
        Index { name, sql }
    });
    let counted = table.columns.iter().filter(|column| column.counted).map(|column| {
        let (name, column) = (counting_index(table, mark, column.name), column.name);
        // What holds today stands together in it, first of all. `known_until` is always NULL, but
        // without it SQLite would look into the table.
        let sql = format!(
            "CREATE INDEX \"{name}\" ON \"{standing}\" \
             (\"{column}\", valid_until, valid_from, known_until) \
             WHERE known_until IS NULL"
        );
        Index { name, sql }
    });
    indexed.chain(counted).collect()
}

impl Ledger<'_> {
    /// Makes a projection's table of a generation anew, with its indexes.
    pub(super) fn make(&self, table: &Table, generation: Generation) -> Result<(), Fault> {
        self.make_bare(table, generation)?;
        self.make_indexes(table, generation)
    }

    /// Makes the view of the table that serves.
    pub(super) fn make_view(&self, table: &Table) -> Result<(), Fault> {
        let drop = format!("DROP VIEW IF EXISTS \"{}\"", table.name);
        self.conn.execute_batch(&drop)?;
        Ok(self.conn.execute_batch(&view_sql(table))?)
    }

    /// Makes the indexes of a table that has none.
    pub(super) fn make_indexes(&self, table: &Table, generation: Generation) -> Result<(), Fault> {
        for index in self.indexes_to_make(table, generation)? {
            self.conn.execute_batch(&index.sql)?;
        }
        Ok(())
    }

    /// Drops the indexes of the table that serves.
    pub(super) fn drop_indexes(&self, table: &Table) -> Result<(), Fault> {
        for index in indexes(table, &Generation::Serving.rows(table), self.mark(table)?) {
            self.conn.execute_batch(&format!("DROP INDEX \"{}\"", index.name))?;
        }
        Ok(())
    }

    /// Makes a projection's table of a generation anew, without indexes.
    pub(super) fn make_bare(&self, table: &Table, generation: Generation) -> Result<(), Fault> {
        self.drop_generation(table, generation)?;
        Ok(self.conn.execute_batch(&table_sql(table, generation))?)
    }

    /// The indexes that a table without any is to have, under names that are free.
    pub(super) fn indexes_to_make(
        &self,
        table: &Table,
        generation: Generation,
    ) -> Result<Vec<Index>, Fault> {
        let name = generation.rows(table);
        for mark in MARKS {
            let indexes = indexes(table, &name, mark);
            let mut free = true;
            for index in &indexes {
                free &= self.made_as(&index.name)?.is_none();
            }
            if free {
                return Ok(indexes);
            }
        }
        Err(Fault::Damaged { position: None, what: "the names of all indexes are taken" })
    }

    /// Drops a generation, if it is there, with what is kept of its progress.
    pub(super) fn drop_generation(
        &self,
        table: &Table,
        generation: Generation,
    ) -> Result<(), Fault> {
        const SQL: &str = "DELETE FROM projections WHERE name = ?1";
        let standing = generation.standing(table);
        self.conn.execute_batch(&format!("DROP TABLE IF EXISTS {standing}"))?;
        self.conn.prepare_cached(SQL)?.execute([generation.name(table)])?;
        Ok(())
    }

    /// Puts a table that is there in another one's place, which must be free.
    pub(super) fn rename(
        &self,
        table: &Table,
        from: Generation,
        to: Generation,
    ) -> Result<(), Fault> {
        const SQL: &str = "UPDATE projections SET name = ?2 WHERE name = ?1";
        let (standing, rows) = (from.standing(table), to.rows(table));
        self.conn.execute_batch(&format!("ALTER TABLE {standing} RENAME TO \"{rows}\""))?;
        self.conn.prepare_cached(SQL)?.execute((from.name(table), to.name(table)))?;
        Ok(())
    }

    /// The mark of the indexes of the table that serves.
    pub(super) fn mark(&self, table: &Table) -> Result<&'static str, Fault> {
        const SQL: &str = "SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        let serving = Generation::Serving.rows(table);
        for mark in MARKS {
            for index in indexes(table, &serving, mark) {
                let of: Option<String> =
                    statement.query_row([index.name], |row| row.get(0)).optional()?;
                if of.as_deref() == Some(&serving) {
                    return Ok(mark);
                }
            }
        }
        Ok(MARKS[0])
    }

    /// The statement by which something stands in the schema; `None` if there is no such thing.
    pub(super) fn made_as(&self, name: &str) -> Result<Option<String>, Fault> {
        const SQL: &str = "SELECT coalesce(sql, '') FROM sqlite_schema WHERE name = ?1";
        let mut statement = self.conn.prepare_cached(SQL)?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }
}
