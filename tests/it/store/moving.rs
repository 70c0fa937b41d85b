//! What every engine promises of a record that comes from another place.

use std::sync::Arc;

use events::leaf::Frontier;
use events::{Guard, Position, Record};
use rollbook::store::{
    Block, Carried, Kept, MemoryStore, Note, Progress, ReportRow, Store, StoreError,
};

use super::support::{
    Fresh, Seeded, admitted, append, batch, branch, ended, ledger_id, membership, on_every_engine,
    record,
};

on_every_engine! {
    a_record_is_taken_over_as_it_is,
    what_is_not_the_record_leaves_nothing,
    only_an_empty_ledger_takes_over,
}

/// A record of five events, with three receipts and an import.
async fn source() -> MemoryStore {
    let store = MemoryStore::new(ledger_id(), Arc::new(Seeded::new(3)));
    let two = vec![admitted(1, branch(1)), admitted(2, branch(2))];
    record(&store, append("a", two)).await.unwrap();
    record(&store, append("b", vec![ended(1, branch(1), 2)])).await.unwrap();
    let mut imported =
        batch(vec![append("c", vec![admitted(3, branch(1)), admitted(4, branch(1))])]);
    let note = Note { code: "held".to_owned(), args: vec![("line".into(), "2".into())] };
    let row = |line| ReportRow { line, outcome: "noted".to_owned(), note: note.clone() };
    let rows = vec![row(2), row(3)];
    let source = "book".to_owned();
    imported.progress = Some(Progress { source, lines: 4, digest: [9; 32], rows });
    store.append(imported).await.unwrap();
    store
}

/// In two pieces.
async fn blocks(source: &dyn Store) -> Vec<Result<Block, StoreError>> {
    let Carried { kept, imports, .. } = source.carried().await.unwrap();
    let mut records = source.log(Position(0), 10).await.unwrap();
    let rest = records.split_off(2);
    let progress = imports.into_iter().next();
    vec![Ok(Block { records, kept, progress }), Ok(Block { records: rest, ..Block::default() })]
}

fn corrupt_at(answer: Result<(), StoreError>) -> Option<u64> {
    match answer {
        Err(StoreError::Corrupt { position, .. }) => position,
        other => panic!("expected damage, got {other:?}"),
    }
}

async fn a_record_is_taken_over_as_it_is(Fresh { store, .. }: Fresh) {
    taken_over(&*store).await;
}

async fn taken_over(store: &dyn Store) {
    let source = source().await;
    store.adopt(Box::new(blocks(&source).await.into_iter())).await.unwrap();
    assert_eq!(
        store.log(Position(0), 10).await.unwrap(),
        source.log(Position(0), 10).await.unwrap()
    );
    assert_eq!(store.head().await.unwrap(), source.head().await.unwrap());
    assert_eq!(store.kept_guards().await.unwrap(), source.kept_guards().await.unwrap());
    let said = |carried: Carried| -> (Vec<Kept>, Vec<Progress>) { (carried.kept, carried.imports) };
    assert_eq!(said(store.carried().await.unwrap()), said(source.carried().await.unwrap()));
    // The record goes on where it ended, and what was answered is answered again.
    assert_eq!(store.version(membership(1)).await.unwrap(), 2);
    let guard = Guard::Branch(branch(1));
    assert_eq!(
        store.look(&guard).await.unwrap().position,
        source.look(&guard).await.unwrap().position
    );
    let again = record(store, append("b", vec![ended(1, branch(1), 2)])).await.unwrap();
    assert_eq!((again.replayed, again.positions), (true, vec![Position(3)]));
    let next = record(store, append("d", vec![ended(2, branch(2), 2)])).await.unwrap();
    assert_eq!(next.positions, [Position(6)]);
    let mut tree = Frontier::default();
    for record in store.log(Position(0), 10).await.unwrap() {
        tree.push(&record.leaf);
    }
    assert_eq!(store.head().await.unwrap().frontier, tree);
    assert!(store.check_engine().await.unwrap().is_empty());
}

async fn what_is_not_the_record_leaves_nothing(Fresh { store, .. }: Fresh) {
    let source = source().await;
    let damaged = |bad: fn(&mut Vec<Record>)| {
        let source = &source;
        async move {
            let mut blocks = blocks(source).await;
            let Ok(last) = &mut blocks[1] else { panic!("a block") };
            bad(&mut last.records);
            blocks
        }
    };
    type Spoil = fn(&mut Vec<Record>);
    let bads: [(Spoil, u64); 5] = [
        (|records| records[1].leaf[5] ^= 1, 4),
        (|records| records[2].salt[0] ^= 1, 5),
        (|records| records[0].payload.push(b' '), 3),
        (|records| records.swap(0, 1), 3),
        (|records| drop(records.remove(1)), 4),
    ];
    for (bad, position) in bads {
        let blocks = damaged(bad).await;
        assert_eq!(corrupt_at(store.adopt(Box::new(blocks.into_iter())).await), Some(position));
        assert_eq!(store.head().await.unwrap().position, Position(0));
        assert!(store.log(Position(0), 10).await.unwrap().is_empty());
        assert!(store.receipt("a").await.unwrap().is_none());
        assert!(store.progress("book").await.unwrap().is_none());
    }
    let mut blocks = blocks(&source).await;
    blocks.push(Err(StoreError::NotALedger("the file".to_owned())));
    let ended = store.adopt(Box::new(blocks.into_iter())).await;
    assert!(matches!(ended, Err(StoreError::NotALedger(_))), "{ended:?}");
    assert_eq!(store.head().await.unwrap().position, Position(0));
    taken_over(&*store).await;
}

async fn only_an_empty_ledger_takes_over(Fresh { store, .. }: Fresh) {
    record(&*store, append("z", vec![admitted(9, branch(1))])).await.unwrap();
    let head = store.head().await.unwrap();
    let refused = store.adopt(Box::new(blocks(&source().await).await.into_iter())).await;
    assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
    assert_eq!(store.head().await.unwrap(), head);
}
