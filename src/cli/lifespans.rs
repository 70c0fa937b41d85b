//! How long branches live.

use projections::questions::{Life, LifeOf, LifeSpans, Survival};

use super::output::{Align, Output};
use super::{Exit, Failure, Run};
use crate::ledger::Mode;

/// `rollbook lifespans`.
pub(super) async fn lifespans(run: &Run<'_>, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let of = match run.typed("of") {
        Some("name") => LifeOf::Name,
        Some(_) | None => LifeOf::Branch,
    };
    let kind = run.typed("kind");
    let ledger = run.open(Mode::Read).await?;
    let place = run.place(&ledger).await?;
    let spans = ledger.life_spans(&run.actor, place.at, of, kind).await?;
    if output.is_json() {
        output.json(&spans)?;
        return Ok(Exit::Ok);
    }
    place.remark(output);
    if spans.lives.is_empty() {
        match kind {
            Some(kind) => output.remark("empty-kind", &[("kind", kind.into())]),
            None => output.remark("empty-branches-ever", &[]),
        }
        return Ok(Exit::Ok);
    }
    lives(output, &spans)?;
    output.line("")?;
    curve(output, &spans)?;
    output.line("")?;
    sums(output, &spans)?;
    output.remark("definition-lifespans", &[]);
    if of == LifeOf::Name {
        output.remark("definition-lifespans-of-names", &[]);
    }
    output.remark("definition-survival", &[]);
    Ok(Exit::Ok)
}

fn lives(output: &mut Output<'_>, spans: &LifeSpans) -> Result<(), Failure> {
    let heads = [
        ("head-branch", Align::Left),
        ("head-name", Align::Left),
        ("head-formed", Align::Left),
        ("head-dissolved", Align::Left),
        ("head-days", Align::Right),
    ];
    let open = output.text("life-open", &[]);
    let row = |life: &Life| {
        let dissolved = life.dissolved.map_or_else(|| open.clone(), |end| end.to_string());
        let formed = life.formed.to_string();
        vec![life.branch.clone(), life.name.clone(), formed, dissolved, life.days.to_string()]
    };
    output.table(&heads, spans.lives.iter().map(row).collect())?;
    Ok(())
}

/// The steps at which something ended; the others leave the curve where it is.
fn curve(output: &mut Output<'_>, spans: &LifeSpans) -> Result<(), Failure> {
    let heads = [
        ("head-days", Align::Right),
        ("head-at-risk", Align::Right),
        ("head-ended", Align::Right),
        ("head-survival", Align::Right),
    ];
    let row = |step: &Survival| {
        let Survival { days, at_risk, ended, censored: _, survival } = step;
        vec![days.to_string(), at_risk.to_string(), ended.to_string(), survival.clone()]
    };
    let steps = spans.curve.iter().filter(|step| step.ended > 0);
    output.table(&heads, steps.map(row).collect())?;
    Ok(())
}

fn sums(output: &mut Output<'_>, spans: &LifeSpans) -> Result<(), Failure> {
    let lives = spans.lives.len();
    let censored = spans.lives.iter().filter(|life| life.censored).count();
    let args = [
        ("lives", lives.into()),
        ("ended", (lives - censored).into()),
        ("censored", censored.into()),
        ("day", spans.censored_on.to_string().into()),
    ];
    output.say("lifespans-sum", &args)?;
    match spans.median_days {
        Some(days) => output.say("lifespans-median", &[("days", days.into())])?,
        None => output.say("lifespans-no-median", &[])?,
    }
    Ok(())
}
