//! Who is who.

pub struct Person {
    /// The name at the prompt, and in the address.
    pub name: &'static str,
    pub id: &'static str,
}

pub const ADMIN: Person = Person { name: "ada", id: "a0000000-0000-4000-8000-000000000001" };
pub const MANAGER: Person = Person { name: "max", id: "a0000000-0000-4000-8000-000000000002" };
pub const STAFF: Person = Person { name: "sam", id: "a0000000-0000-4000-8000-000000000003" };
pub const SECOND_STAFF: Person = Person { name: "sue", id: "a0000000-0000-4000-8000-000000000004" };
/// The admin of another team.
pub const RIVAL: Person = Person { name: "bob", id: "b0000000-0000-4000-8000-000000000001" };
