//! A rule set, value by value: each under its key, as people look it up.

use serde_json::Value;

use super::RuleSet;

/// One value of a rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleValue {
    /// Its key: `section.name`, and the code or number of one of several.
    pub key: String,
    /// The value, as it is written.
    pub value: String,
    /// Which source it follows, where the rule set says so.
    pub source: Option<String>,
}

impl RuleSet {
    /// Every value, in the order of the keys. What is absent asks nothing, and is left out.
    #[must_use]
    pub fn values(&self) -> Vec<RuleValue> {
        let mut values = Vec::new();
        if let Value::Object(sections) = serde_json::to_value(self).unwrap_or_default() {
            for (section, value) in &sections {
                if !["name", "note", "sources"].contains(&section.as_str()) {
                    flatten(section, value, &mut values);
                }
            }
        }
        let source = |key: &str| {
            let mut sources: Vec<_> = self.sources.iter().collect();
            // The nearest note counts: one about the very key before one about its section.
            sources.sort_by_key(|source| std::cmp::Reverse(source.key.as_str().len()));
            let of = |about: &str| key == about || key.starts_with(&format!("{about}."));
            let found = sources.into_iter().find(|source| of(source.key.as_str()));
            found.map(|source| source.note.to_string())
        };
        values.sort();
        let row = |(key, value): (String, String)| RuleValue { source: source(&key), key, value };
        values.into_iter().map(row).collect()
    }

    /// The keys of all values.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.values().into_iter().map(|value| value.key).collect()
    }
}

fn flatten(key: &str, value: &Value, values: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(&format!("{key}.{name}"), value, values);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (number, item) in (1..).zip(items) {
                let code = item.get("code").and_then(Value::as_str);
                let name = code.map_or_else(|| format!("{number:02}"), ToOwned::to_owned);
                values.push((format!("{key}.{name}"), fields(item)));
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            values.push((key.to_owned(), items.join(", ")));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            values.push((key.to_owned(), plain(value)));
        }
    }
}

/// One of several, its code left out: that stands in the key.
fn fields(item: &Value) -> String {
    let fields = item.as_object().into_iter().flatten().filter(|(name, _)| *name != "code");
    let fields = fields.map(|(name, value)| format!("{name} = {}", plain(value)));
    fields.collect::<Vec<_>>().join(", ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
