//! Values that can be written in two forms.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::command::grammar::own::Spec;

/// Fact 2 as a number, or from the paths among the words. Written `scope: 4` or
/// `scope: {paths: operands}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeSpec {
    /// 0 to 6, see [`crate::model::Scope`].
    Level(u8),
    /// From the class of the operands, all of them.
    Paths(PathSource),
}

impl Serialize for ScopeSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        match self {
            Self::Level(level) => serializer.serialize_u8(*level),
            Self::Paths(source) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("paths", source)?;
                map.end()
            }
        }
    }
}

/// By hand, because an untagged enum loses the position and the cause of an error.
impl<'de> Deserialize<'de> for ScopeSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScopeVisitor)
    }
}

struct ScopeVisitor;

impl<'de> de::Visitor<'de> for ScopeVisitor {
    type Value = ScopeSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 6, or `paths: ` with the words that are paths")
    }

    fn visit_u64<E: de::Error>(self, level: u64) -> Result<ScopeSpec, E> {
        match u8::try_from(level) {
            Ok(level @ 0..=6) => Ok(ScopeSpec::Level(level)),
            _ => Err(E::invalid_value(de::Unexpected::Unsigned(level), &self)),
        }
    }

    fn visit_i64<E: de::Error>(self, level: i64) -> Result<ScopeSpec, E> {
        match u64::try_from(level) {
            Ok(level) => self.visit_u64(level),
            Err(_) => Err(E::invalid_value(de::Unexpected::Signed(level), &self)),
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<ScopeSpec, A::Error> {
        let Some(PathsKey::Paths) = map.next_key()? else {
            return Err(de::Error::missing_field("paths"));
        };
        let source = map.next_value()?;
        match map.next_key::<PathsKey>()? {
            None => Ok(ScopeSpec::Paths(source)),
            Some(PathsKey::Paths) => Err(de::Error::duplicate_field("paths")),
        }
    }
}

/// The only key of the long form of [`ScopeSpec`].
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "kebab-case")]
enum PathsKey {
    Paths,
}

/// Which words are paths that are hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathSource {
    /// All operands.
    Operands,
    /// All operands but the first (`chmod MODE FILE...`).
    Rest,
    /// All operands but the last (`mv SOURCE... TARGET`).
    Sources,
    /// The last operand.
    Last,
    /// The first operand.
    First,
    /// Targets of truncating and appending redirections.
    Redirects,
    /// The value of the option `of=` or of any option named in `name`.
    Value,
}

/// The grammar in a rule file. Written `grammar: kubectl` or as a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrammarSpec {
    /// That of this tool.
    Like(String),
    /// This one.
    Own(Box<Spec>),
}

impl Serialize for GrammarSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Like(tool) => serializer.serialize_str(tool),
            Self::Own(spec) => spec.serialize(serializer),
        }
    }
}

/// By hand, because an untagged enum loses the position and the cause of an error.
impl<'de> Deserialize<'de> for GrammarSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GrammarVisitor)
    }
}

struct GrammarVisitor;

impl<'de> de::Visitor<'de> for GrammarVisitor {
    type Value = GrammarSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a tool that guard knows, or options and subcommands")
    }

    fn visit_str<E: de::Error>(self, tool: &str) -> Result<GrammarSpec, E> {
        Ok(GrammarSpec::Like(tool.to_owned()))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<GrammarSpec, A::Error> {
        let spec = Spec::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(GrammarSpec::Own(Box::new(spec)))
    }
}
