//! A standby: the engine waits there, members read, and a promotion is a start like any other.

use crate::engine_processes;
use crate::fixture::{self, Database, eventually, id, number, outcome};
use xtask::cluster::StopMode;

const SMALL: i32 = 300;
const ROWS: usize = 100_000;

#[test]
fn a_standby_runs_nothing_until_its_promotion_and_then_all_that_is_left() {
    let primary = fixture::server("primary");
    let original = Database::create(&primary, "followed");
    let (team, stranger) = (original.team(1), original.team(2));
    let mut manager = original.login(&team.manager);
    let first = fixture::submit(&mut manager, "sku,name\nF1,Lamp\n");
    assert_eq!(outcome(&mut manager, &first), ("completed".into(), None));

    let standby = primary.standby("standby").expect("a standby follows");
    let copy = Database { cluster: &standby, name: "followed".to_owned() };
    let mut reader = copy.login(&team.manager);
    let shown = "SELECT count(*) FROM background_imports WHERE status = 'completed'";
    eventually("the standby shows what was done", || number(&mut reader, shown) == 1);
    assert_eq!(number(&mut reader, "SELECT count(*) FROM inventory"), 1);
    assert_eq!(number(&mut copy.login(&stranger.manager), "SELECT count(*) FROM inventory"), 0);
    assert!(reader.batch_execute("SELECT create_upload('no')").is_err(), "it is read only");

    let large = fixture::submit(&mut manager, &fixture::stock("L", ROWS));
    engine_processes::await_start(&mut manager, &large);
    engine_processes::submit_small(&mut manager, 1, SMALL);
    let arrived = format!(
        "SELECT count(*) FROM scheduled_jobs WHERE id = '{large}' AND status = 'processing'
         AND (SELECT count(*) FROM scheduled_jobs) = {SMALL} + 2"
    );
    eventually("the standby shows the job as it runs", || number(&mut reader, &arrived) == 1);
    assert!(
        engine_processes::of_kind(&standby, engine_processes::ANY).is_empty(),
        "nothing of the engine runs there"
    );
    let complaints =
        ["ERROR:  ", "FATAL:  ", "PANIC:  "].map(|level| engine_processes::lines_of_log(&standby, level));
    // The upload that was refused above.
    assert_eq!(complaints.concat().len(), 1, "{complaints:#?}");

    drop((manager, reader));
    primary.stop(StopMode::Immediate).unwrap();
    standby.promote().expect("the standby is promoted");
    let mut superuser = copy.superuser();
    engine_processes::await_drained(&mut superuser);
    let mut manager = copy.login(&id(1, 1));
    assert_eq!(outcome(&mut manager, &large), ("completed".into(), None));
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), ROWS as i64 + 1);
    let small = "SELECT count(*) FROM (SELECT amount FROM transactions GROUP BY 1 HAVING count(*) = 1) once";
    assert_eq!(number(&mut manager, small), i64::from(SMALL));
    assert_eq!(number(&mut manager, "SELECT count(*) FROM transactions"), i64::from(SMALL));
}
