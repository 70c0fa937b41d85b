//! tephra: commands from many callers, and a replay of everything.
//!
//! The same events as Rollbook's, byte for byte, each with a tag for its stream. A caller asserts
//! that nobody wrote to the stream since it last did. Nothing else is checked, nothing else kept:
//! no rules, no receipts, no leaves, no table that SQL could ask.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use events::{Event, FamilyName, MembershipEvent, StreamId};
use tephra::{
    AppendCondition, EventType, Position, Query, QueryItem, SegmentConfig, SegmentSet, Tag, Tags,
    WriteCoordinator, WriteHandle, WriterConfig,
};
use workload::{Life, argument, day, life};

/// How large a segment of the log is: tephra's own documentation says this.
const SEGMENT: usize = 256 * 1024 * 1024;

/// How many drawers hold what callers know, so that they do not wait for each other.
const DRAWERS: usize = 64;

/// Starts the writer over a folder; its caller says when it is enough.
fn start(path: &Path) -> (WriteCoordinator, WriteHandle) {
    let set = SegmentSet::open(path, SegmentConfig::new(SEGMENT)).expect("a folder");
    WriteCoordinator::start(set, WriterConfig::default()).expect("a log")
}

fn stored(stream: StreamId, event: &Event, key: u64) -> (tephra::Event, Tags) {
    let metadata = format!(
        "\n{{\"actor\":\"local\",\"key\":\"00000000-0000-4000-8000-{key:012}\",\"source\":\"api\"}}"
    );
    let mut bytes = event.payload();
    bytes.extend_from_slice(metadata.as_bytes());
    let tag = Tag::new(stream.to_string()).expect("a tag");
    let tags = Tags::new([tag]).expect("one tag");
    let name = EventType::new(stream.family.as_str()).expect("a name");
    (tephra::Event::new(&name, &tags, &bytes).expect("an event"), tags)
}

struct Door {
    handle: WriteHandle,
    known: [Mutex<HashMap<StreamId, Position>>; DRAWERS],
    key: AtomicU64,
}

impl Door {
    async fn step(self: Arc<Self>, life: Life, step: u64) {
        let (stream, _, event) = life.event(step, day(step));
        let key = self.key.fetch_add(1, Ordering::Relaxed);
        let drawer = &self.known[(stream.id.as_u128() % DRAWERS as u128) as usize];
        let known = drawer.lock().expect("nobody panics").get(&stream).copied();
        let (event, tags) = stored(stream, &event, key);
        let nobody_else = AppendCondition::new(Query::item(QueryItem::with_tags(tags)))
            .after(known.unwrap_or(Position::ZERO));
        let range = self.handle.append_async(vec![event], Some(nobody_else)).await;
        let last = range.expect("an event is recorded").last;
        drawer.lock().expect("nobody panics").insert(stream, last);
    }
}

/// Commands from many callers, a second.
async fn append(path: &Path, callers: u64, time: Duration) {
    let (coordinator, handle) = start(path);
    let known = std::array::from_fn(|_| Mutex::default());
    let door = Arc::new(Door { handle, known, key: AtomicU64::new(0) });
    let rate = workload::press(door, callers, time, Door::step).await;
    coordinator.shutdown();
    println!("{} {} {}", rate.per_second, rate.median.as_micros(), rate.p99.as_micros());
}

/// As many events, in the order in which lives go on. Not timed.
fn fill(path: &Path, count: u64) {
    const BATCH: usize = 500;
    let (coordinator, handle) = start(path);
    let mut all = (0_u64..).zip(workload::history(count / workload::STEPS)).peekable();
    while all.peek().is_some() {
        let batch = all.by_ref().take(BATCH).map(|(key, (n, step))| {
            let (stream, _, event) = life(n).event(step, day(step));
            stored(stream, &event, key).0
        });
        handle.append(batch.collect(), None).expect("a batch");
    }
    coordinator.shutdown();
}

/// All events in their order, typed, a second.
fn replay(path: &Path) {
    let (coordinator, handle) = start(path);
    let began = Instant::now();
    let mut seen = [0_u64; 2];
    let mut reads = handle.read(&Query::all(), Position::ZERO, None);
    while let Some(read) = reads.next() {
        let stored = read.expect("an event").event;
        let payload = stored.data().split(|byte| *byte == b'\n').next().unwrap_or_default();
        let family: FamilyName = FamilyName::parse(stored.event_type()).expect("a family");
        let event = Event::decode(family, payload).expect("an event of ours");
        seen[usize::from(matches!(event, Event::Membership(MembershipEvent::Ended { .. })))] += 1;
    }
    let rate = seen.iter().sum::<u64>() as f64 / began.elapsed().as_secs_f64();
    coordinator.shutdown();
    println!("{rate} {}", seen.iter().sum::<u64>());
}

/// The same on all sides, and what the program itself has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let (task, path): (String, String) = (argument(1), argument(2));
    let path = Path::new(&path);
    match task.as_str() {
        "append" => append(path, argument(3), Duration::from_secs_f64(argument(4))).await,
        "fill" => fill(path, argument(3)),
        "replay" => replay(path),
        other => panic!("no such task: {other}"),
    }
}
