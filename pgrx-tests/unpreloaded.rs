//! Without shared_preload_libraries everything but the worker works, and the extension says so.

use crate::fixture::{self, Database};
use std::sync::mpsc;
use xtask::cluster::Cluster;

#[test]
fn without_preloading_all_but_the_worker_works_and_says_so() {
    let cluster = Cluster::start("unpreloaded", &[]).expect("a server starts");
    let database = Database::create(&cluster, "plain");
    let team = database.team(1);
    let mut manager = database.login(&team.manager);
    manager.batch_execute("INSERT INTO transactions (amount) VALUES (500.00)").unwrap();
    assert_eq!(fixture::number(&mut database.login(&team.admin), "SELECT count(*) FROM transactions"), 1);

    let (sender, notices) = mpsc::channel();
    let mut config: postgres::Config = cluster.connection_string("plain", "postgres").parse().unwrap();
    config.notice_callback(move |notice| drop(sender.send(notice.message().to_owned())));
    let mut client = config.connect(postgres::NoTls).unwrap();
    client
        .batch_execute(&format!(
            r#"SET ROLE authenticated; SET request.jwt.claims = '{{"sub": "{}"}}'"#,
            team.manager
        ))
        .unwrap();
    let job = fixture::submit(&mut client, "sku,name\nA1,Lamp\n");
    let warning = notices.recv_timeout(fixture::PATIENCE).expect("a warning is sent");
    assert_eq!(warning, "background jobs wait: teamwork is not in shared_preload_libraries");
    assert_eq!(
        database
            .count(&format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status = 'pending'")),
        1
    );
}
