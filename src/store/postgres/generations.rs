//! The generations of a projection's table: the one that serves under the projection's name, the
//! next one while it is built, and the former one, kept to go back to.
//!
//! Indexes have no names of their own here: PostgreSQL gives them any that are free.

use std::fmt::Write;

use projections::{ColumnKind, Table};
use sqlx::PgConnection;

use super::fault::Fault;
use super::values::run;

/// Which of a projection's tables is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// One that is being built.
    Next,
    /// The one that answers, under the projection's own name.
    Serving,
    /// The one that answered before.
    Former,
}

impl Generation {
    /// The table's name, and that of its row in `projections`.
    pub(super) fn name(self, table: &Table) -> String {
        match self {
            Self::Serving => table.name.to_owned(),
            Self::Next => format!("{}_next", table.name),
            Self::Former => format!("{}_former", table.name),
        }
    }
}

/// The type of a column.
pub(super) fn type_of(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Id => "uuid",
        ColumnKind::Text => "text",
        ColumnKind::Number => "bigint",
    }
}

/// The statement that makes a projection's table, with no index.
fn table_sql(table: &Table, generation: Generation) -> String {
    let mut sql =
        format!("CREATE TABLE \"{}\" (\n    ledger uuid NOT NULL,\n", generation.name(table));
    for column in table.columns {
        let null = if column.optional { "" } else { " NOT NULL" };
        let kind = type_of(column.kind);
        let kind = if kind == "text" { "text COLLATE \"C\"" } else { kind };
        writeln!(sql, "    \"{}\" {kind}{null},", column.name).expect("a string takes all");
    }
    sql.push_str(
        "    valid_from date NOT NULL,
    valid_until date,
    known_from bigint NOT NULL,
    known_until bigint,
    opened_by bigint NOT NULL,
    closed_by bigint,
    line bigint NOT NULL
)",
    );
    sql
}

/// The statements that make the other indexes of a projection's table. None begins with the ledger,
/// nor does the key: all rows are of one, and to sort entries by what they have in common is half
/// of what it takes.
fn indexes_sql(table: &Table, generation: Generation) -> String {
    let (name, mut sql) = (generation.name(table), String::new());
    for column in table.columns {
        let column_name = column.name;
        if column.indexed {
            write!(sql, "CREATE INDEX ON \"{name}\" (\"{column_name}\");")
                .expect("a string takes all");
        }
        if column.counted {
            write!(
                sql,
                "CREATE INDEX ON \"{name}\" (\"{column_name}\", valid_from, valid_until) \
                 WHERE known_until IS NULL;"
            )
            .expect("a string takes all");
        }
    }
    sql
}

/// Makes a projection's table of a generation anew, without its key or another index.
pub(super) async fn make_bare(
    conn: &mut PgConnection,
    table: &Table,
    generation: Generation,
) -> Result<(), Fault> {
    drop_table(conn, table, generation).await?;
    run(conn, &table_sql(table, generation)).await
}

/// Drops a generation of projections' tables, as far as they are there.
pub(super) async fn drop_all(
    conn: &mut PgConnection,
    tables: &[&Table],
    generation: Generation,
) -> Result<(), Fault> {
    let names: Vec<String> =
        tables.iter().map(|table| format!("\"{}\"", generation.name(table))).collect();
    if names.is_empty() {
        return Ok(());
    }
    run(conn, &format!("DROP TABLE IF EXISTS {}", names.join(", "))).await
}

/// Makes the key of a projection's table: the order in which rows are asked for, and written.
pub(super) async fn make_key(
    conn: &mut PgConnection,
    table: &Table,
    generation: Generation,
) -> Result<(), Fault> {
    let sql = format!(
        "ALTER TABLE \"{}\" ADD PRIMARY KEY (known_from, opened_by, line, ledger)",
        generation.name(table)
    );
    run(conn, &sql).await
}

/// Makes the other indexes of a projection's table.
pub(super) async fn make_indexes(
    conn: &mut PgConnection,
    table: &Table,
    generation: Generation,
) -> Result<(), Fault> {
    run(conn, &indexes_sql(table, generation)).await?;
    Ok(())
}

/// Drops a generation, if it is there. What is kept of its progress is the caller's.
pub(super) async fn drop_table(
    conn: &mut PgConnection,
    table: &Table,
    generation: Generation,
) -> Result<(), Fault> {
    let sql = format!("DROP TABLE IF EXISTS \"{}\"", generation.name(table));
    run(conn, &sql).await?;
    Ok(())
}

/// Puts a table, if it is there, in another one's place, which must be free.
pub(super) async fn rename(
    conn: &mut PgConnection,
    table: &Table,
    from: Generation,
    to: Generation,
) -> Result<(), Fault> {
    let (from, to) = (from.name(table), to.name(table));
    let sql = format!("ALTER TABLE IF EXISTS \"{from}\" RENAME TO \"{to}\"");
    run(conn, &sql).await?;
    Ok(())
}
