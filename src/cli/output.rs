//! Where answers and remarks go: data to standard output and nothing else there; everything else
//! to standard error.

use std::io::{self, Write};

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::messages::{Arg, Messages};

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON value.
    Json,
    /// One JSON value a line.
    Ndjson,
}

/// The two streams, and how to write to them.
pub struct Output<'a> {
    /// How answers are written.
    pub format: Format,
    /// Whether remarks are left out.
    pub quiet: bool,
    /// Whether standard output is a terminal.
    pub is_terminal: bool,
    /// Whether standard error is a terminal.
    pub errors_are_terminal: bool,
    /// Whether to show colours and bold type on a terminal.
    pub styled: bool,
    /// The texts.
    pub messages: &'static Messages,
    /// Standard output.
    pub data: &'a mut (dyn Write + Send),
    /// Standard error.
    pub remarks: &'a mut (dyn Write + Send),
}

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl Output<'_> {
    /// Whether answers are for programs.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.format != Format::Human
    }

    /// A text of the catalogue.
    #[must_use]
    pub fn text(&self, key: &str, args: &[Arg<'_>]) -> String {
        self.messages.text(key, args)
    }

    /// A line of data.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.data, "{line}")
    }

    /// A line of data from the catalogue.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub fn say(&mut self, key: &str, args: &[Arg<'_>]) -> io::Result<()> {
        let line = self.messages.text(key, args);
        self.line(&line)
    }

    /// A remark beside the data, unless remarks are left out.
    pub fn remark(&mut self, key: &str, args: &[Arg<'_>]) {
        if !self.quiet {
            let line = self.messages.text(key, args);
            _ = self.data.flush();
            self.error_line(&line);
        }
    }

    /// A line on standard error. When even that fails nobody can be told.
    pub fn error_line(&mut self, line: &str) {
        _ = writeln!(self.remarks, "{line}");
    }

    /// One JSON value; over several lines for a person at a terminal.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        if self.format == Format::Json && self.is_terminal {
            serde_json::to_writer_pretty(&mut *self.data, value)?;
        } else {
            serde_json::to_writer(&mut *self.data, value)?;
        }
        writeln!(self.data)?;
        self.data.flush()
    }

    /// A list of JSON values: an array, or one a line.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub fn json_list(&mut self, values: &[impl Serialize]) -> io::Result<()> {
        if self.format == Format::Json {
            return self.json(&values);
        }
        for value in values {
            serde_json::to_writer(&mut *self.data, value)?;
            writeln!(self.data)?;
        }
        self.data.flush()
    }

    /// The same for a list that is not held as a whole.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub fn json_lines<T: Serialize>(&mut self, values: impl Iterator<Item = T>) -> io::Result<()> {
        let [before, between, after] = match self.format {
            Format::Json => ["[", ",", "]\n"],
            Format::Ndjson | Format::Human => ["", "\n", "\n"],
        };
        let mut is_empty = true;
        for value in values {
            write!(self.data, "{}", if is_empty { before } else { between })?;
            serde_json::to_writer(&mut *self.data, &value)?;
            is_empty = false;
        }
        match (is_empty, self.format) {
            (true, Format::Json) => write!(self.data, "{before}{after}")?,
            (true, Format::Ndjson | Format::Human) => {}
            (false, _) => write!(self.data, "{after}")?,
        }
        self.data.flush()
    }

    /// A table; its heads are keys of the catalogue. Nothing is cut off: long cells are wrapped on
    /// a terminal and left alone elsewhere.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub fn table(&mut self, heads: &[(&str, Align)], rows: Vec<Vec<String>>) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(if self.is_terminal {
            ContentArrangement::Dynamic
        } else {
            ContentArrangement::Disabled
        });
        if !self.styled {
            table.force_no_tty();
        }
        let head = |(key, align): &(&str, Align)| {
            let head = Cell::new(self.messages.plain(key)).set_alignment(alignment(*align));
            if self.styled { head.add_attribute(Attribute::Bold) } else { head }
        };
        table.set_header(heads.iter().map(head).collect::<Vec<_>>());
        for (index, (_, align)) in heads.iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(alignment(*align));
            }
        }
        table.add_rows(rows);
        for line in table.lines() {
            // A blank in front belongs to the borders, which there are none of.
            let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
            writeln!(self.data, "{line}")?;
        }
        Ok(())
    }
}

fn alignment(align: Align) -> CellAlignment {
    match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    }
}
