//! Life spans, as people and scripts ask for them.

use serde_json::{Value, json};

use super::Home;

#[test]
fn life_spans_have_a_fixed_shape() {
    let home = Home::small();
    let spans = home.ok(&["lifespans", "--as-of", "2025-01-01", "--json"]).json();
    assert_eq!(
        spans["lives"][7],
        json!({ "branch": "regatta", "name": "Regatta Day", "kind": "branch",
            "formed": "2020-05-09", "dissolved": "2020-05-09", "days": 0, "censored": false })
    );
    assert_eq!(spans["lives"][1]["dissolved"], Value::Null);
    assert_eq!(spans["lives"][1]["censored"], true);
    assert_eq!(
        spans["curve"][0],
        json!({ "days": 0, "at_risk": 10, "ended": 1, "censored": 0, "survival": "0.900000" })
    );
    assert_eq!(
        (&spans["median_days"], &spans["censored_on"]),
        (&Value::Null, &"2025-01-01".into())
    );
    let of = ["lifespans", "--as-of", "2025-01-01", "--of", "name", "--json"];
    assert_eq!(home.ok(&of).json()["median_days"], 1433);
    let districts = home.ok(&["lifespans", "--kind", "district", "--json"]).json();
    assert_eq!(districts["lives"].as_array().expect("a list").len(), 2);
}

#[test]
fn a_definition_stands_beside_the_numbers_and_an_empty_answer_explains_itself() {
    let home = Home::small();
    let lives = home.ok(&["lifespans", "--as-of", "2025-01-01"]);
    assert!(lives.data.contains("open on 2025-01-01 and censored there"), "{lives:?}");
    assert!(lives.remarks.contains("Kaplan–Meier"), "{lives:?}");
    let none = home.ok(&["lifespans", "--as-of", "1900-01-01"]);
    assert!(none.remarks.contains("No branch had been formed by then"), "{none:?}");
    let none = home.ok(&["lifespans", "--kind", "choir"]);
    assert!(none.remarks.contains("No branch of the kind choir"), "{none:?}");
    let names = home.ok(&["lifespans", "--of", "name"]);
    assert!(names.remarks.contains("a new name ends one life"), "{names:?}");
}

#[test]
fn what_is_no_day_is_refused_with_its_code() {
    let home = Home::small();
    for other in ["2024-02-30", "1403-13-01", "113-01-01", "令和6年1月1日", "1.1.2024", ""] {
        let ran = home.run(&["lifespans", "--as-of", other, "--json"]);
        assert_eq!((ran.code, ran.data.as_str()), (2, ""), "{other}: {ran:?}");
        assert!(ran.remarks.contains(r#""code":"date""#), "{other}: {ran:?}");
    }
}
