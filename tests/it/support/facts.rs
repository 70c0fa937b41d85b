//! A synthetic file of facts: some branches, many invented members who come, move and go.

use std::fmt::Write;

use super::commands::plus_days;
use super::dice::Dice;

/// As many lines as asked for, the same every time.
pub fn facts(lines: usize) -> String {
    let mut file = File { dice: Dice::new(lines as u64), text: String::new(), lines: 0 };
    for branch in 0..20 {
        let parent = if branch == 0 { String::new() } else { r#","parent":"o0""#.to_owned() };
        file.fact("organisation_formed", &format!(r#""o{branch}","name":"Org {branch}"{parent}"#));
    }
    // Where each member is at home: whoever left may come again.
    let mut homes: Vec<Option<u32>> = Vec::new();
    while file.lines < lines {
        let branch = file.dice.below(20);
        let member = file.dice.below(u32::try_from(homes.len() + 2).unwrap()) as usize;
        if member >= homes.len() {
            homes.push(None);
        }
        let member = member.min(homes.len() - 1);
        match homes[member] {
            None => {
                file.fact("member_joined", &format!(r#""o{branch}","member":"m{member}""#));
                homes[member] = Some(branch);
            }
            Some(home) if file.dice.one_in(3) && home != branch => {
                let rest = format!(r#""o{home}","member":"m{member}","to":"o{branch}""#);
                file.fact("member_transferred", &rest);
                homes[member] = Some(branch);
            }
            Some(home) if file.dice.one_in(4) => {
                file.fact("member_left", &format!(r#""o{home}","member":"m{member}""#));
                homes[member] = None;
            }
            Some(home) => {
                let role = file.lines;
                let rest = format!(r#""o{home}","member":"m{member}","role":"r{role}""#);
                file.fact("office_taken", &rest);
            }
        }
    }
    file.text
}

struct File {
    dice: Dice,
    text: String,
    lines: usize,
}

impl File {
    fn fact(&mut self, kind: &str, rest: &str) {
        self.lines += 1;
        let day = i64::try_from(self.lines / 10).unwrap();
        let date = plus_days(jiff::civil::date(2015, 1, 1), day);
        let seq = self.lines;
        writeln!(
            self.text,
            r#"{{"seq":{seq},"date":"{date}","kind":"{kind}","organisation":{rest}}}"#
        )
        .unwrap();
    }
}
