//! Callers who take turns on one thread.

use std::future::Future;

/// Runs all callers at once, on this thread, to the end.
pub async fn all<F: Future>(callers: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = callers.into_iter().map(|caller| (Box::pin(caller), None)).collect();
    std::future::poll_fn(|context| {
        let mut done = true;
        for (caller, outcome) in &mut waiting {
            if outcome.is_none() {
                match caller.as_mut().poll(context) {
                    std::task::Poll::Ready(output) => *outcome = Some(output),
                    std::task::Poll::Pending => done = false,
                }
            }
        }
        if done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    waiting.into_iter().map(|(_, outcome)| outcome.expect("all are done")).collect()
}
