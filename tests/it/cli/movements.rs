//! Life spans and flows, as people and scripts ask for them.

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
fn flows_have_a_fixed_shape() {
    let home = Home::small();
    let day = ["flows", "--from", "2022-01-01", "--until", "2022-01-02"];
    let ask = |more: &[&str]| home.ok(&[&day[..], more, &["--json"]].concat()).json();
    let body = json!([{ "from": "2022-01-01", "until": "2022-01-02", "headcount_before": 17,
        "joined": 0, "moved_in": 10, "moved_out": 10, "left": 0, "headcount_after": 17 }]);
    assert_eq!(ask(&[]), body);
    let one = ask(&["--branch", "riverside"]);
    assert_eq!(
        one[0]["branches"],
        json!([{ "branch": "riverside", "name": "Riverside", "headcount_before": 0, "joined": 0,
            "moved_in": 10, "moved_out": 0, "left": 0, "headcount_after": 10 }])
    );
    assert_eq!(one[0]["moves"][0], json!({ "from": "harbour", "to": "riverside", "members": 5 }));
    assert_eq!(ask(&["--by", "branch"])[0]["moves"], one[0]["moves"]);
    let months = ["flows", "--from", "2020-04-15", "--until", "2020-07-01", "--period", "month"];
    let lines = home.ok(&[&months[..], &["--ndjson"]].concat()).data;
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<_> = lines.iter().map(|line| (&line["from"], &line["joined"])).collect();
    let expected = [("2020-04-15", 0), ("2020-05-01", 3), ("2020-06-01", 0)];
    let expected = expected.map(|(day, joined)| (json!(day), json!(joined)));
    assert_eq!(told, expected.iter().map(|(day, joined)| (day, joined)).collect::<Vec<_>>());
}

#[test]
fn every_day_of_a_period_has_a_fixed_shape() {
    let home = Home::small();
    let days = ["headcount", "--from", "2021-12-31", "--until", "2022-01-02"];
    let ask = |more: &[&str]| home.ok(&[&days[..], more, &["--json"]].concat()).json();
    let body = ask(&[]);
    let lines = body.as_array().expect("a list");
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["day"], &lines[1]["day"]), (&json!("2021-12-31"), &json!("2022-01-01")));
    let one = ask(&["--branch", "riverside"]);
    assert_eq!(one, json!([{ "day": "2022-01-01", "branch": "riverside", "members": 10 }]));
    let all = home.ok(&[&days[..], &["--by", "branch", "--ndjson"]].concat()).data;
    let all: Vec<Value> =
        all.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for line in lines {
        let day = line["day"].as_str().expect("a day");
        let alone = home.ok(&["headcount", "--as-of", day, "--json"]).json();
        let alone = alone.as_array().expect("a list").clone();
        let of_day: Vec<_> = all.iter().filter(|line| line["day"] == day).collect();
        let told = |line: &Value| (line["branch"].clone(), line["members"].clone());
        let same = of_day.iter().map(|line| told(line)).collect::<Vec<_>>();
        assert_eq!(same, alone.iter().map(told).collect::<Vec<_>>());
        assert_eq!(line["branches"], alone.len());
        let members = alone.iter().map(|line| line["members"].as_u64().expect("a number"));
        assert_eq!(line["members"], members.sum::<u64>());
    }
    let never = ["headcount", "--from", "1900-01-01", "--until", "1900-01-03"];
    let never = [&never[..], &["--by", "branch", "--json"]].concat();
    assert_eq!(home.ok(&never).json(), json!([]));
    let both = [&days[..], &["--as-of", "2022-01-01"]].concat();
    for wrong in [&both[..], &days[..3], &["headcount", "--by", "branch"]] {
        assert_eq!(home.run(wrong).code, 2, "{wrong:?}");
    }
}

#[test]
fn a_definition_stands_beside_the_numbers_and_an_empty_answer_explains_itself() {
    let home = Home::small();
    let year = ["flows", "--from", "2020-01-01", "--until", "2021-01-01"];
    let flows = home.ok(&[&year[..], &["--by", "branch"]].concat());
    assert!(flows.data.contains("(outside)"), "{flows:?}");
    for part in ["From 2020-01-01 until 2021-01-01, not included", "neither a leave nor a join"] {
        assert!(flows.remarks.contains(part), "{flows:?}");
    }
    let ahead = home.ok(&["flows", "--from", "2998-01-01", "--until", "2999-01-01"]);
    assert!(ahead.remarks.contains("Scheduled from 2998-01-01"), "{ahead:?}");
    assert!(ahead.remarks.contains("Nobody joined, moved or left"), "{ahead:?}");

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
fn what_makes_no_period_is_refused_with_its_code() {
    let home = Home::small();
    let refused = |arguments: &[&str], exit: i32, code: &str| {
        let ran = home.run(&[arguments, &["--json"]].concat());
        assert_eq!((ran.code, ran.data.as_str()), (exit, ""), "{arguments:?}: {ran:?}");
        let error: Value = serde_json::from_str(&ran.remarks).expect("JSON");
        assert_eq!(error["error"]["code"], code, "{arguments:?}: {ran:?}");
    };
    let period = |from, until| ["flows", "--from", from, "--until", until];
    refused(&period("2024-01-01", "2023-12-31"), 2, "period_without_a_day");
    refused(&period("2024-01-01", "2024-01-01"), 2, "period_without_a_day");
    for other in ["2024-02-30", "1403-13-01", "113-01-01", "令和6年1月1日", "1.1.2024", ""] {
        refused(&period("2024-01-01", other), 2, "date");
        refused(&period(other, "2024-01-01"), 2, "date");
        refused(&["lifespans", "--as-of", other], 2, "date");
    }
    refused(&["flows", "--from", "2024-01-01"], 2, "missing_argument");
    let year = period("2024-01-01", "2025-01-01");
    let with = |more: &[&'static str]| [&year[..], more].concat();
    refused(&with(&["--branch", "nowhere"]), 7, "not_found");
    refused(&with(&["--branch", "riverside", "--known-at", "5"]), 7, "not_found");
    refused(&with(&["--known-at", "yesterday"]), 2, "instant_or_position");
    refused(&with(&["--period", "week"]), 2, "choice_unknown");
    refused(&with(&["--by", "kind"]), 2, "choice_unknown");
    refused(&with(&["--as-of", "2024-01-01"]), 2, "unknown_argument");
    refused(&["lifespans", "--of", "post"], 2, "choice_unknown");
}
