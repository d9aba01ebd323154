//! The roles that the extension knows by name.

/// The role of members, under which rows are written and read.
pub const AUTHENTICATED: &str = "authenticated";

/// Its members go by a token and nothing else, everybody else by the claims and nothing else: a token that was left in a pooled
/// connection would otherwise be the next one's.
pub const TOKEN_ONLY: &str = "teamwork_token_only";
