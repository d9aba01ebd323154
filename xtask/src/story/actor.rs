//! A person with a connection: `authenticated`, with the claims that PostgREST and Supabase set.

use anyhow::{Context, Result, bail, ensure};
use postgres::{Client, Error};

use super::answer::Answer;
use super::person::Person;
use super::scene::{DATABASE, Scene};
use crate::cluster::Cluster;

pub struct Actor {
    name: &'static str,
    client: Client,
}

impl Actor {
    pub fn enter(cluster: &Cluster, person: &Person) -> Result<Self> {
        let mut client = cluster.connect(DATABASE, "postgres")?;
        client.batch_execute(&login(person))?;
        Ok(Self { name: person.name, client })
    }

    /// The same, telling how it is done.
    pub fn introduce(scene: &Scene<'_>, person: &Person) -> Result<Self> {
        scene.stage.says(person.name, &login(person));
        Self::enter(scene.cluster, person)
    }

    /// Types `sql` and shows what came back.
    pub fn ask(&mut self, scene: &Scene<'_>, sql: &str) -> Result<Answer> {
        scene.stage.says(self.name, sql);
        let answer = self.look(sql)?;
        scene.stage.shows(&answer);
        Ok(answer)
    }

    /// As `ask`, without a word.
    pub fn look(&mut self, sql: &str) -> Result<Answer> {
        let messages = self.client.simple_query(sql).with_context(|| format!("{}: {sql}", self.name))?;
        Ok(Answer::read(messages))
    }

    /// Types `sql`, which has to be refused, and returns what the server said.
    pub fn refused(&mut self, scene: &Scene<'_>, sql: &str) -> Result<Refusal> {
        scene.stage.says(self.name, sql);
        let Err(error) = self.client.simple_query(sql) else { bail!("{} was allowed to: {sql}", self.name) };
        let refusal = Refusal::read(error)?;
        scene.stage.shows(&refusal.text);
        Ok(refusal)
    }

    /// Types `sql` and expects it to find or change `expected` rows.
    pub fn counts(&mut self, scene: &Scene<'_>, expected: u64, sql: &str) -> Result<()> {
        let answer = self.ask(scene, sql)?;
        ensure!(
            answer.count == expected,
            "{}: {} rows instead of {expected}: {sql}",
            self.name,
            answer.count
        );
        Ok(())
    }

    /// For statements with a value that is too long to type.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    pub fn name(&self) -> &'static str {
        self.name
    }
}

fn login(person: &Person) -> String {
    format!(
        "SET ROLE authenticated;\nSELECT set_config('request.jwt.claims', '{{\"sub\": \"{}\", \"role\": \"authenticated\"}}', false)",
        person.id
    )
}

pub struct Refusal {
    pub code: String,
    pub message: String,
    text: String,
}

impl Refusal {
    fn read(error: Error) -> Result<Self> {
        let Some(said) = error.as_db_error() else { bail!("the connection broke: {error}") };
        let line = |title: &str, text: Option<&str>| {
            text.map(|text| format!("\n{title}:  {text}")).unwrap_or_default()
        };
        let text = format!(
            "ERROR:  {}: {}{}{}",
            said.code().code(),
            said.message(),
            line("DETAIL", said.detail()),
            line("HINT", said.hint())
        );
        Ok(Self { code: said.code().code().to_owned(), message: said.message().to_owned(), text })
    }
}
