//! The outcome, as a table.

use super::contender::Measured;
use crate::bench::readings::Readings;

struct Line {
    title: &'static str,
    of: fn(&Measured) -> &Readings,
    share: f64,
    /// The ratio to graphile-worker that we mean to keep.
    goal: Option<f64>,
}

const LATENCIES: [Line; 6] = [
    Line { title: "commit to start, p50", of: |m| &m.commit_to_start, share: 0.5, goal: Some(0.5) },
    Line { title: "commit to start, p99", of: |m| &m.commit_to_start, share: 0.99, goal: Some(1.0) },
    Line { title: "sent to start, p50", of: |m| &m.sent_to_start, share: 0.5, goal: None },
    Line { title: "sent to start, p99", of: |m| &m.sent_to_start, share: 0.99, goal: None },
    Line { title: "commit to the row's commit, p50", of: |m| &m.commit_to_row, share: 0.5, goal: None },
    Line { title: "commit to the row's commit, p99", of: |m| &m.commit_to_row, share: 0.99, goal: None },
];

/// teamwork, graphile-worker, graphile-worker with its local queue; and the page.
pub fn print(measured: &[Measured; 3], page: &Measured) {
    println!(
        "{:<32} {:>11} {:>11} {:>7} {:>7} {:>13} {:>11}",
        "", "teamwork", "graphile", "ratio", "goal", "its local q.", "5 s polling"
    );
    for line in &LATENCIES {
        let read = |measured: &Measured| (line.of)(measured).percentile(line.share);
        let [ours, theirs, tuned] = [0, 1, 2].map(|index| read(&measured[index]));
        println!(
            "{:<32} {ours:>8.2} ms {theirs:>8.2} ms {:>6.2}x {:>7} {tuned:>10.2} ms {:>8.0} ms",
            line.title,
            ours / theirs,
            goal(line.goal),
            read(page),
        );
    }
    let [ours, theirs, tuned] = [0, 1, 2].map(|index| measured[index].throughput.median());
    println!(
        "{:<32} {ours:>9.0}/s {theirs:>9.0}/s {:>6.2}x {:>7} {tuned:>11.0}/s",
        "jobs per second, four at a time",
        // Of each round's two, as the machine may be busier in one round than in another.
        measured[0].throughput.over(&measured[1].throughput).median(),
        goal(Some(2.0)),
    );
    println!(
        "{} single jobs each and {} of the page (its p99 is the slowest); medians of {} queues drained",
        measured[0].commit_to_start.len(),
        page.commit_to_start.len(),
        measured[0].throughput.len()
    );
}

fn goal(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}x"))
}
