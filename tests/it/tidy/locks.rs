//! The lock files of the workspaces below `tests` know the dependencies that the project has today.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Complaints;

/// The project's own packages, and where their manifests lie.
const OWN: [(&str, &str); 3] = [("events", "events"), ("projections", "projections"), (ROOT, "")];
const ROOT: &str = "rollbook";

/// Lock files with which `--locked` would refuse to build.
pub(super) fn known() -> Complaints {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| fs::read_to_string(path).expect("a file of the project");
    let project = read(&root.join("Cargo.lock"));
    let manifests: Vec<(&str, String)> =
        OWN.iter().map(|(name, at)| (*name, read(&root.join(at).join("Cargo.toml")))).collect();
    let mut complaints = Vec::new();
    for path in locks(&root.join("tests")) {
        let shown = path.strip_prefix(root).expect("below the project").display().to_string();
        for (name, manifest) in &manifests {
            let lock = (shown.as_str(), read(&path));
            complaints.extend(differences(name, manifest, &project, (lock.0, &lock.1)));
        }
    }
    complaints
}

/// Every lock file below a directory, beside what is built there.
fn locks(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory of tests") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("target") {
            found.extend(locks(&path));
        } else if path.ends_with("Cargo.lock") {
            found.push(path);
        }
    }
    found
}

/// Of one package: a lock tells what is for development alone only of its own workspace, and what
/// is optional only where it is asked for.
fn differences(
    name: &str,
    manifest: &str,
    project: &str,
    (path, lock): (&str, &str),
) -> Complaints {
    let Some(there) = dependencies(lock, name) else { return Vec::new() };
    let here = dependencies(project, name).expect("the project locks its own packages");
    let manifest: Table = manifest.parse().expect("a manifest");
    let section = |section: &str| manifest.get(section).and_then(Value::as_table);
    let normal = |name: &str| section("dependencies").and_then(|all| all.get(name));
    let is_for_development = |name: &str| {
        section("dev-dependencies").is_some_and(|all| all.contains_key(name))
            && normal(name).is_none()
    };
    let is_optional = |name: &str| {
        let optional = normal(name).and_then(|it| it.get("optional"));
        optional.and_then(Value::as_bool).unwrap_or(false)
    };
    let lacks = here.difference(&there);
    let lacks = lacks.filter(|it| !is_for_development(it) && !is_optional(it));
    let lacks = lacks.map(|it| format!("{path}: {name} needs {it}, and the lock does not say so"));
    let more = there.difference(&here);
    let more = more.map(|it| format!("{path}: {name} needs {it} no longer"));
    lacks.chain(more).collect()
}

/// The names of what a package needs; `None` where the lock has no such package.
fn dependencies(lock: &str, name: &str) -> Option<BTreeSet<String>> {
    let lock: Table = lock.parse().expect("a lock file");
    let packages = lock.get("package").and_then(Value::as_array)?;
    let is_it = |package: &&Value| package.get("name").and_then(Value::as_str) == Some(name);
    let package = packages.iter().find(is_it)?;
    let needed = package.get("dependencies").and_then(Value::as_array);
    // A version stands behind the name where there are several.
    let first = |it: &Value| Some(it.as_str()?.split(' ').next()?.to_owned());
    Some(needed.into_iter().flatten().filter_map(first).collect())
}

#[test]
fn a_lock_that_lacks_a_dependency_or_has_one_too_many_is_found() {
    let manifest = "[dependencies]\na = '1'\nb = '1'\nc = { version = '1', optional = true }\n\
                    [dev-dependencies]\nb = '1'\nd = '1'\n";
    let lock =
        |needed: &str| format!("[[package]]\nname = 'rollbook'\ndependencies = [{needed}]\n");
    let project = lock("\"a 1.0.0\", \"b\", \"c\", \"d\"");
    let of = |needed: &str| differences(ROOT, manifest, &project, ("x.lock", &lock(needed)));
    assert_eq!(of("\"a\", \"b\", \"c\""), Vec::<String>::new());
    assert_eq!(of("\"a\", \"b\""), Vec::<String>::new());
    let expected = [
        "x.lock: rollbook needs b, and the lock does not say so",
        "x.lock: rollbook needs e no longer",
    ];
    assert_eq!(of("\"a 2.0.0\", \"e\""), expected);
    let other = lock("").replace(ROOT, "other");
    assert_eq!(differences(ROOT, manifest, &project, ("x.lock", &other)), Vec::<String>::new());
}

#[test]
fn there_is_a_lock_to_look_at() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    assert!(locks(&tests).iter().any(|path| path.ends_with("peers/Cargo.lock")));
}
