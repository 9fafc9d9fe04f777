//! Secrets that a policy names: a house's own options, headers, fields and tokens.

use std::ops::Range;

use super::Mode;
use crate::decide::logging::Redact;

/// A token has at least so many characters behind its beginning.
const TOKEN: usize = 6;

const fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Whether a word is an option of this list, so that the next word is its value.
pub(super) fn is_option(list: &Redact, word: &[u8]) -> bool {
    word.starts_with(b"-") && is_name(list, word.trim_ascii_start())
}

/// Whether this is a name of the list, dashes in front or not.
pub(super) fn is_name(list: &Redact, word: &[u8]) -> bool {
    let dashes = word.iter().take_while(|byte| **byte == b'-').count();
    let name = word.get(dashes..).unwrap_or_default();
    list.names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

/// What the list says about a text. Every place where a word begins is looked at
/// once for each entry, of which a policy has few.
pub(super) fn find(list: &Redact, text: &[u8], mode: Mode) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if list.names.is_empty() && list.tokens.is_empty() {
        return found;
    }
    let mut before = None;
    for at in 0..text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let begins = before.is_none_or(|byte: u8| !byte.is_ascii_alphanumeric() && byte != b'_');
        if begins {
            found.extend(token(list, rest).map(|len| at..at + len));
            let option = before == Some(b'-');
            let whole = mode == Mode::Word && text.iter().take(at).all(|byte| *byte == b'-');
            found.extend(named(list, rest, option, whole, mode).map(|v| at + v.start..at + v.end));
        }
        before = rest.first().copied();
    }
    found
}

fn token(list: &Redact, rest: &[u8]) -> Option<usize> {
    let start = list.tokens.iter().find(|start| rest.starts_with(start.as_bytes()))?.len();
    let more = rest.get(start..)?.iter().take_while(|byte| in_name(**byte)).count();
    (more >= TOKEN).then_some(start + more)
}

/// The value behind a name. Behind a blank alone only that of an option: other names
/// are words as any. `whole`: the rest of the word is the value.
fn named(
    list: &Redact,
    rest: &[u8],
    option: bool,
    whole: bool,
    mode: Mode,
) -> Option<Range<usize>> {
    let end = rest.iter().take_while(|byte| in_name(**byte)).count();
    let name = rest.get(..end)?;
    list.names.iter().find(|known| known.as_bytes().eq_ignore_ascii_case(name))?;
    let skip = |from: usize, set: &[u8]| {
        let rest = rest.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| set.contains(byte)).count()
    };
    let gap = skip(end, b"\\\"' \t");
    let equals = skip(gap, b"=:");
    if equals == gap && (!option || gap == end || mode == Mode::Word) {
        return None;
    }
    let start = skip(equals, b" \t");
    let quoted = skip(start, b"\\\"'");
    let stops: &[u8] = match (whole, quoted > start) {
        (true, _) => b"",
        (false, true) => b"\\\"'\n",
        (false, false) => b" \t\n\"'\\&;|<>,)}",
    };
    let from = if whole { start } else { quoted };
    let value = rest.get(from..)?;
    let len = value.iter().take_while(|byte| !stops.contains(byte)).count();
    let value = value.get(..len)?;
    let reference = mode == Mode::Text && value.starts_with(b"$");
    // Taken out before.
    let marked = value.starts_with(b"[redacted:") || value == b"[redacted]";
    (len > 0 && !reference && !marked).then_some(from..from + len)
}

#[cfg(test)]
mod tests {
    use crate::audit::Redactor;
    use crate::decide::logging::Redact;

    fn list() -> Redact {
        Redact { names: vec!["crm-pin".into(), "X-Shop-Key".into()], tokens: vec!["shpk_".into()] }
    }

    #[test]
    fn names_and_tokens_of_the_list_are_taken_out_wherever_they_stand() {
        let redactor = Redactor::without_key().also(list());
        for place in [
            "crm --crm-pin § --verbose",
            "crm --crm-pin=§ x",
            "crm --crm-pin '§ y'",
            "CRM-PIN=§ crm",
            "curl -H 'X-Shop-Key: §' https://example.org",
            "curl 'https://example.org/?crm-pin=§&page=2'",
            "curl -d '{\"crm-pin\": \"§\"}' https://example.org",
            "curl -d \"{\\\"crm-pin\\\": \\\"§\\\"}\" https://example.org",
            "crm-pin: §",
            "tool shpk_§ x",
        ] {
            let input = place.replace('§', "4711abcd");
            let out = redactor.text(&input);
            assert!(!out.contains("4711") && out.contains("[redacted]"), "{input} -> {out}");
            assert_ne!(Redactor::without_key().text(&input), out, "{input}: known anyhow");
            assert_eq!(redactor.text(&out), out, "taken out once");
        }
        let words: [&[u8]; 5] =
            [b"crm", b"--crm-pin", b"47 11", b"--X-Shop-Key=a b", b"shpk_4711abcd"];
        let out = redactor.argv(&words);
        let out: Vec<_> = out.iter().map(|word| String::from_utf8_lossy(word)).collect();
        assert_eq!(
            out,
            ["crm", "--crm-pin", "[redacted]", "--X-Shop-Key=[redacted]", "[redacted]"]
        );
        assert_eq!(redactor.env("crm-pin", "4711"), "[redacted]");
    }

    #[test]
    fn what_is_not_on_the_list_stays_as_it_is() {
        let redactor = Redactor::without_key().also(list());
        for text in [
            "the crm-pin is wrong",
            "crm --crm-pins 12 --my_crm-pin=3 crm-pin-file=x",
            "crm --crm-pin \"$PIN\"",
            "tool shpk_ xshpk_12345678 shpk_123",
        ] {
            assert_eq!(redactor.text(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_and_any_list_is_accepted(text in "[ -~\n]{0,80}", name in "[!-~]{1,8}") {
            let list = Redact { names: vec![name.clone()], tokens: vec![name.clone()] };
            let redactor = Redactor::without_key().also(list);
            let _ = redactor.text(&format!("{name}={text}"));
            let _ = redactor.argv(&[name.as_bytes(), text.as_bytes()]);
        }
    }
}
