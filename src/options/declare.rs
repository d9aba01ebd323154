//! How options are declared: as a struct that serde fills, each field with its type, its default and its meaning for people.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What an option can be set to.
pub trait OptionValue: DeserializeOwned {
    /// The values, for people.
    const VALUES: &str;

    /// Whether a value is a JSON object: serde also takes one for a variant of an enum.
    const IS_OBJECT: bool = false;

    /// What to give instead of a value that cannot be.
    fn hint(_value: &Value) -> String {
        format!("The values are: {}.", Self::VALUES)
    }
}

impl<T: OptionValue> OptionValue for Option<T> {
    const VALUES: &str = T::VALUES;
    const IS_OBJECT: bool = T::IS_OBJECT;

    fn hint(value: &Value) -> String {
        T::hint(value)
    }
}

/// An option that can be given.
pub struct Known {
    pub name: &'static str,
    pub values: &'static str,
    pub meaning: &'static str,
    /// What to give instead of a value; None of one that can be.
    pub fault: fn(&Value) -> Option<String>,
}

/// What is wrong with an option.
pub struct Fault {
    pub option: String,
    pub is_known: bool,
    pub hint: String,
}

/// The options of something: see [`options!`].
pub trait Options: DeserializeOwned {
    /// What they are the options of.
    const KIND: &str;
    const KNOWN: &[Known];

    /// The first of the options, which are a JSON object, that there is not or that has a value which it cannot have.
    fn fault(options: &Value) -> Option<Fault> {
        options.as_object()?.iter().find_map(|(option, value)| {
            let known = Self::KNOWN.iter().find(|known| known.name == option);
            let hint = match known {
                Some(known) => (known.fault)(value)?,
                None => format!("The options are: {}.", Self::names().join(", ")),
            };
            Some(Fault { option: option.clone(), is_known: known.is_some(), hint })
        })
    }

    /// Sorted.
    fn names() -> Vec<&'static str> {
        let mut names: Vec<_> = Self::KNOWN.iter().map(|known| known.name).collect();
        names.sort_unstable();
        names
    }
}

/// What to give instead of a value that cannot be one of an option's.
pub fn fault_of<T: OptionValue>(value: &Value) -> Option<String> {
    // Serde takes a null for a missing value.
    let is_possible = !value.is_null() && value.is_object() == T::IS_OBJECT && T::deserialize(value).is_ok();
    (!is_possible).then(|| T::hint(value))
}

macro_rules! options {
    ($(#[$of_struct:meta])* $visible:vis struct $name:ident of $kind:literal {
        $($(#[doc = $meaning:literal])+ $option:ident: $type:ty = $default:expr,)*
    }) => {
        $(#[$of_struct])*
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        $visible struct $name {
            $($(#[doc = $meaning])+ pub $option: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($option: $default,)* }
            }
        }

        impl $crate::options::declare::Options for $name {
            const KIND: &str = $kind;
            const KNOWN: &[$crate::options::declare::Known] = &[$($crate::options::declare::Known {
                name: stringify!($option),
                values: <$type as $crate::options::declare::OptionValue>::VALUES,
                meaning: concat!($($meaning),+),
                fault: $crate::options::declare::fault_of::<$type>,
            },)*];
        }
    };
}
pub(super) use options;
