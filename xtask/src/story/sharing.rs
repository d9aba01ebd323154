//! What one member adds, the team has; what another team adds, nobody here sees.

use anyhow::{Result, ensure};

use super::actor::Actor;
use super::person::{ADMIN, MANAGER, Person, RIVAL, SECOND_STAFF, STAFF};
use super::scene::Scene;

const TEAM: [&Person; 4] = [&ADMIN, &MANAGER, &STAFF, &SECOND_STAFF];
const INSUFFICIENT_PRIVILEGE: &str = "42501";

pub fn share(scene: &mut Scene<'_>) -> Result<()> {
    let add = |amount: &str| {
        format!("INSERT INTO transactions (type, amount, description) VALUES ('sale', {amount}, 'a sale')")
    };
    Actor::enter(scene.cluster, &ADMIN)?.counts(scene, 1, &add("500.00"))?;
    let mut manager = Actor::introduce(scene, &MANAGER)?;
    manager.counts(scene, 1, "SELECT type, amount FROM transactions WHERE amount = 500.00")?;
    manager.counts(scene, 1, &add("250.00"))?;
    for member in TEAM {
        let seen = Actor::enter(scene.cluster, member)?.look("SELECT sum(amount) FROM transactions")?;
        ensure!(seen.value()? == "750.00", "{} sees {} instead of 750.00", member.name, seen.value()?);
    }
    scene.stage.note("and so do sam and sue: the sum is 750.00 for each of them");
    Actor::enter(scene.cluster, &RIVAL)?.counts(scene, 1, &add("999.00"))
}

pub fn keep_out(scene: &mut Scene<'_>) -> Result<()> {
    let mut manager = Actor::enter(scene.cluster, &MANAGER)?;
    manager.counts(scene, 0, "SELECT amount FROM transactions WHERE amount = 999.00")?;
    manager.counts(scene, 0, "UPDATE transactions SET amount = 0 WHERE amount = 999.00")?;
    manager.counts(scene, 0, "DELETE FROM transactions WHERE amount = 999.00")?;
    let smuggle =
        format!("INSERT INTO transactions (type, amount, admin_id) VALUES ('sale', 1.00, '{}')", RIVAL.id);
    let refusal = manager.refused(scene, &smuggle)?;
    ensure!(refusal.code == INSUFFICIENT_PRIVILEGE, "refused for another reason: {}", refusal.message);
    for member in TEAM {
        let seen = Actor::enter(scene.cluster, member)?
            .look("SELECT count(*) FROM transactions WHERE amount = 999.00")?;
        ensure!(seen.value()? == "0", "{} sees the other team's transaction", member.name);
    }
    let mut rival = Actor::introduce(scene, &RIVAL)?;
    let own = rival.ask(scene, "SELECT count(*), sum(amount) FROM transactions")?;
    ensure!((own.field(0, 0)?, own.field(0, 1)?) == ("1", "999.00"), "the other team has {own}");
    Ok(())
}
