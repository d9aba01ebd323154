//! Signed tokens: JSON Web Tokens with HS256, as Supabase and PostgREST take them. Nothing that a token says is believed
//! before its signature is known to be good, and its algorithm is ours to choose, not the token's.

use crate::roles::AUTHENTICATED;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

/// Longer ones are not read: anybody may fill the setting that a token is kept in.
const MAX_BYTES: usize = 16 * 1024;

/// A token whose signature is good. Whether it is valid at this moment is asked again at every use.
pub struct Token {
    pub user: uuid::Uuid,
    pub claims: Value,
    /// Seconds since 1970, as everywhere in a token.
    begins: f64,
    ends: f64,
}

#[derive(Debug, PartialEq)]
pub enum Fault {
    Malformed,
    Algorithm,
    Signature,
    Subject,
    Times,
    Role,
    NotYetValid,
    Expired,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "It is not a JSON Web Token.",
            Self::Algorithm => "It is not signed with HS256.",
            Self::Signature => "Its signature is by none of the keys.",
            Self::Subject => "Its sub is not a UUID.",
            Self::Times => "It has no exp that is a number, or an nbf that is none.",
            Self::Role => "Its role is not authenticated.",
            Self::NotYetValid => "It is not valid yet.",
            Self::Expired => "It has expired.",
        })
    }
}

impl Token {
    /// Reads a token that one of the keys has signed.
    pub fn read(token: &str, keys: &[Vec<u8>]) -> Result<Self, Fault> {
        if token.len() > MAX_BYTES {
            return Err(Fault::Malformed);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return Err(Fault::Malformed) };
        let signed = &token[..header.len() + 1 + claims.len()];
        let header = object(header)?;
        // "crit" names what a reader must understand; this one understands no extension.
        if header.get("alg").and_then(Value::as_str) != Some("HS256") || header.get("crit").is_some() {
            return Err(Fault::Algorithm);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Fault::Malformed)?;
        if !keys.iter().any(|key| is_by(key, signed, &signature)) {
            return Err(Fault::Signature);
        }
        Self::of_claims(object(claims)?)
    }

    fn of_claims(claims: Value) -> Result<Self, Fault> {
        let sub = claims.get("sub").and_then(Value::as_str).ok_or(Fault::Subject)?;
        let user = parse_user(sub).ok_or(Fault::Subject)?;
        let ends = claims.get("exp").and_then(Value::as_f64).ok_or(Fault::Times)?;
        let begins = claims.get("nbf").map_or(Some(f64::MIN), Value::as_f64).ok_or(Fault::Times)?;
        if claims.get("role").is_some_and(|role| role != AUTHENTICATED) {
            return Err(Fault::Role);
        }
        Ok(Self { user, claims, begins, ends })
    }

    pub fn check_now(&self) -> Result<(), Fault> {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.check_at(since_1970.as_secs_f64())
    }

    fn check_at(&self, now: f64) -> Result<(), Fault> {
        if now >= self.ends {
            Err(Fault::Expired)
        } else if now < self.begins {
            Err(Fault::NotYetValid)
        } else {
            Ok(())
        }
    }
}

/// A user's id in a claim. As PostgreSQL reads a uuid, which has no URN: each of its forms has at most 38 characters.
pub fn parse_user(text: &str) -> Option<uuid::Uuid> {
    uuid::Uuid::parse_str(text).ok().filter(|_| text.len() <= 38)
}

/// Compares in constant time.
fn is_by(key: &[u8], signed: &str, signature: &[u8]) -> bool {
    Hmac::<Sha256>::new_from_slice(key)
        .is_ok_and(|mac| mac.chain_update(signed).verify_slice(signature).is_ok())
}

fn object(part: &str) -> Result<Value, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Malformed)?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object).ok_or(Fault::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "c0000000-0000-4000-8000-00000000000a";
    const KEY: &[u8] = b"a key of thirty-two bytes or more";

    fn sign(header: &str, claims: &str, key: &[u8]) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(&signed);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn fault(header: &str, claims: &str) -> Option<Fault> {
        Token::read(&sign(header, claims, KEY), &[KEY.to_vec()]).err()
    }

    #[test]
    fn the_example_of_the_standard_is_by_its_key() {
        // RFC 7515, appendix A.1: its signature is good, and the claims are no user's.
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let keys = [KEY.to_vec(), URL_SAFE_NO_PAD.decode(key).unwrap()];
        assert_eq!(Token::read(token, &keys).err(), Some(Fault::Subject));
        assert_eq!(Token::read(token, &keys[..1]).err(), Some(Fault::Signature));
    }

    #[test]
    fn the_algorithm_is_not_the_tokens_to_choose() {
        let claims = format!(r#"{{"sub": "{USER}", "exp": 2}}"#);
        for header in [
            r#"{"alg": "none"}"#,
            r#"{"alg": "None"}"#,
            r#"{"alg": "hs256"}"#,
            r#"{"alg": "HS512"}"#,
            r#"{"alg": "RS256"}"#,
            r#"{"alg": ["HS256"]}"#,
            r#"{"alg": "HS256", "crit": ["b64"], "b64": false}"#,
            "{}",
        ] {
            assert_eq!(fault(header, &claims), Some(Fault::Algorithm), "{header}");
        }
        assert_eq!(fault(r#"{"alg": "HS256"}"#, &claims), None);
    }

    #[test]
    fn claims_of_another_type_are_not_guessed_at() {
        let of = |claims: String| fault(r#"{"alg": "HS256"}"#, &claims);
        for sub in ["1", "null", "[]", r#""somebody""#, "true"] {
            assert_eq!(of(format!(r#"{{"sub": {sub}, "exp": 2}}"#)), Some(Fault::Subject), "{sub}");
        }
        for times in
            [r#""exp": "2""#, r#""exp": null"#, r#""iat": 2"#, r#""exp": 2, "nbf": "1""#, r#""exp": {}"#]
        {
            assert_eq!(of(format!(r#"{{"sub": "{USER}", {times}}}"#)), Some(Fault::Times), "{times}");
        }
        for role in [r#""service_role""#, r#""postgres""#, "null", "1"] {
            assert_eq!(
                of(format!(r#"{{"sub": "{USER}", "exp": 2, "role": {role}}}"#)),
                Some(Fault::Role),
                "{role}"
            );
        }
        for claims in ["[]", "1", "", "{", "null"] {
            assert_eq!(of(claims.to_owned()), Some(Fault::Malformed), "{claims}");
        }
    }

    #[test]
    fn what_is_not_exactly_a_token_is_none() {
        let good = sign(r#"{"alg": "HS256"}"#, &format!(r#"{{"sub": "{USER}", "exp": 2}}"#), KEY);
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let read = |token: &str| Token::read(token, &[KEY.to_vec()]).err();
        assert_eq!(read(&good), None);
        for token in ["", ".", "..", signed, &format!("{good}="), &format!(" {good}"), &format!("{good}.")] {
            assert_eq!(read(token), Some(Fault::Malformed), "{token}");
        }
        assert_eq!(read(&format!("{signed}.")), Some(Fault::Signature));
        assert_eq!(read(&format!("{signed}.{}", &signature[..40])), Some(Fault::Signature));
        assert_eq!(read(&format!("{signed}.{signature}{}", "A".repeat(MAX_BYTES))), Some(Fault::Malformed));
        assert_eq!(Token::read(&good, &[]).err(), Some(Fault::Signature));
    }

    #[test]
    fn a_token_is_valid_from_its_nbf_until_its_exp() {
        let claims = format!(r#"{{"sub": "{USER}", "nbf": 1.5, "exp": 2.5}}"#);
        let token = Token::read(&sign(r#"{"alg": "HS256"}"#, &claims, KEY), &[KEY.to_vec()]).ok().unwrap();
        let at = |now| token.check_at(now);
        assert_eq!(at(1.0), Err(Fault::NotYetValid));
        assert_eq!((at(1.5), at(2.4)), (Ok(()), Ok(())));
        assert_eq!(at(2.5), Err(Fault::Expired));
    }
}
