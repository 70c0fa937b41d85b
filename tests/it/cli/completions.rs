//! Completions: made from the command line, so nothing is missing in them.

use std::io::Write;
use std::process::{Command, Stdio};

use super::Home;

#[test]
fn every_shell_gets_its_completions() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.ok(&["completions", shell]).data;
        for command in ["transfer-member", "headcount", "import"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(script.contains("idempotency-key"), "{shell}");
        assert!(home.ok(&["completions", shell, "--lang", "zh"]).data.len() > 1_000);
    }
    let ran = home.run(&["completions", "tcsh"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.remarks.contains("bash, elvish, fish, powershell, zsh"), "{ran:?}");
}

#[test]
fn bash_completes_with_what_it_got() {
    let script = Home::new().ok(&["completions", "bash"]).data;
    let asked = format!(
        "{script}\nCOMP_WORDS=(rollbook transfer-m); COMP_CWORD=1\n\
         _rollbook rollbook transfer-m rollbook; echo \"${{COMPREPLY[@]}}\""
    );
    let mut bash = Command::new("bash");
    let mut bash = bash.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("bash");
    bash.stdin.take().expect("its input").write_all(asked.as_bytes()).expect("a script");
    let said = bash.wait_with_output().expect("its end").stdout;
    assert_eq!(String::from_utf8_lossy(&said).trim(), "transfer-member");
}
