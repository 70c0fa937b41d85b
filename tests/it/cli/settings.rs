//! The settings: which one is in force, and where each comes from.

use serde_json::{Value, json};

use super::{Home, Ran};

/// What is shown of a setting, as its value, its origin and what it comes from.
fn shown(ran: &Ran, name: &str) -> (Value, Value, Value) {
    let rows = ran.json();
    let rows = rows.as_array().expect("a list");
    let row = rows.iter().find(|row| row["name"] == name).expect("a setting");
    (row["value"].clone(), row["origin"].clone(), row["from"].clone())
}

const SHOW: [&str; 4] = ["config", "show", "--origin", "--json"];

#[test]
fn a_setting_is_shown_with_its_origin() {
    let home = Home::new();
    let ran = home.ok(&SHOW);
    let nothing = (Value::Null, json!("default"), Value::Null);
    assert_eq!(shown(&ran, "config"), nothing);
    assert_eq!(shown(&ran, "log"), nothing);
    assert_eq!(shown(&ran, "ledger"), (json!("sqlite:rollbook.db"), json!("default"), Value::Null));
    assert_eq!(shown(&ran, "key").0, "rollbook.db.key");
    std::fs::create_dir_all(home.path("settings/rollbook")).expect("a directory");
    let path = home.write("settings/rollbook/config.toml", "ledger = 'sqlite:f.db'\nlang = 'zh'\n");
    let ran = home.ok(&SHOW);
    assert_eq!(shown(&ran, "config"), (json!(path), json!("default"), Value::Null));
    assert_eq!(shown(&ran, "ledger"), (json!("sqlite:f.db"), json!("file"), json!(path)));
    assert_eq!(shown(&ran, "lang"), (json!("zh"), json!("file"), json!(path)));
    assert_eq!(shown(&ran, "key").0, "f.db.key");
    let variables = [("ROLLBOOK_LEDGER", "sqlite:v.db"), ("ROLLBOOK_LANG", "en")];
    let ran = home.run_with(&SHOW, &variables);
    let from = json!("ROLLBOOK_LEDGER");
    assert_eq!(shown(&ran, "ledger"), (json!("sqlite:v.db"), json!("variable"), from));
    let flag = ["--ledger", "sqlite:a.db"];
    let ran = home.run_with(&[&SHOW[..], &flag].concat(), &variables);
    assert_eq!(shown(&ran, "ledger"), (json!("sqlite:a.db"), json!("flag"), json!("--ledger")));
    let told = home.ok(&["config", "show", "--origin", "--lang", "en"]).data;
    assert!(told.contains("the flag --lang") && told.contains("the file "), "{told}");
    let plain = home.ok(&["config", "show", "--json"]).json();
    assert_eq!(plain[1], json!({ "name": "key", "value": "f.db.key" }));
}

#[test]
fn a_setting_of_the_file_is_in_force() {
    let home = Home::new();
    let file = home.write("mine.toml", "ledger = \"sqlite:mine.db\"\nkey = \"mine.key\"\n");
    home.ok(&["init", "--config", &file]);
    assert!(home.path("mine.db").exists() && home.path("mine.key").exists());
    let ran = home.run_with(&["status", "--json"], &[("ROLLBOOK_CONFIG", &file)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(home.run(&["status"]).code, 10, "without the file there is no such ledger");
}

#[test]
fn what_is_wrong_in_the_file_is_told_with_its_line() {
    let home = Home::new();
    for (text, line, says) in [
        ("ledger = 'sqlite:a.db'\npurpose = 'x'\n", "line 2", "key, lang, ledger, log"),
        ("\nledger = 3\n", "line 2", "quotation marks"),
        ("lang = 'fr'\n", "line 1", "en, zh"),
        ("[ledger]\n", "line 1", "quotation marks"),
        ("lang = 'zh\n", "line 1", "TOML"),
    ] {
        let file = home.write("bad.toml", text);
        let ran = home.run(&["status", "--config", &file]);
        assert_eq!((ran.code, ran.data.as_str()), (2, ""), "{text}: {ran:?}");
        for part in ["bad.toml", line, says] {
            assert!(ran.remarks.contains(part), "{text}: {ran:?}");
        }
    }
    let ran = home.run(&["status", "--config", "nowhere.toml"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.remarks.contains("nowhere.toml"), "{ran:?}");
    home.ok(&["help", "--config", "nowhere.toml"]);
}
