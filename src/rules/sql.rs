//! Splits SQL text into statements in a form that patterns can trust.
//!
//! Comments and the content of string literals are taken out, blanks are
//! collapsed and letters made upper case, so that `Drop/**/table "x"` and
//! `select 'drop table x'` are told apart. The lexical rules are those of
//! PostgreSQL 15 (chapter 4.1) with MySQL's `#` comments and backquotes.

/// The statements of a text. A `psql` backslash command is one of its own.
///
/// MySQL's literals know backslash escapes, those of the standard do not: a text
/// for which that makes a difference is read both ways, and every statement of
/// either reading counts.
#[must_use]
pub fn statements(text: &str) -> Vec<String> {
    let read = |escapes| {
        let mut lexer = Lexer { rest: text, out: Vec::new(), current: String::new(), escapes };
        lexer.run();
        lexer.out
    };
    let mut out = read(true);
    if text.contains("\\'") {
        let plain = read(false);
        out.extend(plain.into_iter().filter(|statement| !statement.is_empty()));
        out.dedup();
    }
    out
}

struct Lexer<'a> {
    rest: &'a str,
    out: Vec<String>,
    current: String,
    escapes: bool,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        while let Some(c) = self.rest.chars().next() {
            match c {
                ';' => {
                    self.skip(1);
                    self.finish();
                }
                '\'' => self.literal('\''),
                '"' | '`' => self.identifier(c),
                '$' => self.dollar(),
                '-' if self.rest.starts_with("--") => self.line_comment(),
                '#' if self.blank_before() => self.line_comment(),
                '/' if self.rest.starts_with("/*") => self.block_comment(),
                '\\' if self.current.trim().is_empty() => self.backslash_command(),
                c if c.is_whitespace() => {
                    self.skip(c.len_utf8());
                    self.blank();
                }
                c => {
                    self.skip(c.len_utf8());
                    self.current.extend(c.to_uppercase());
                }
            }
        }
        self.finish();
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn take_until(&mut self, end: &str) -> &'a str {
        let (taken, rest) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn blank(&mut self) {
        if !self.current.is_empty() && !self.current.ends_with(' ') {
            self.current.push(' ');
        }
    }

    fn blank_before(&self) -> bool {
        self.current.is_empty() || self.current.ends_with(' ')
    }

    fn finish(&mut self) {
        let statement = std::mem::take(&mut self.current);
        let statement = statement.trim();
        if !statement.is_empty() {
            self.out.push(statement.to_owned());
        }
    }

    /// `'..'` with doubled or, as MySQL has it, escaped quotes inside.
    fn literal(&mut self, quote: char) {
        self.skip(1);
        let mut chars = self.rest.char_indices().peekable();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            if c == '\\' && self.escapes {
                chars.next();
            } else if c == quote {
                if chars.peek().is_some_and(|(_, next)| *next == quote) {
                    chars.next();
                } else {
                    end = at + 1;
                    break;
                }
            }
        }
        self.skip(end);
        self.current.push_str("''");
    }

    fn identifier(&mut self, quote: char) {
        self.skip(1);
        let name = self.take_until(quote.encode_utf8(&mut [0; 4]));
        self.current.extend(name.chars().flat_map(char::to_uppercase));
    }

    /// `$tag$ .. $tag$` is a literal; anything else after `$` is a parameter.
    fn dollar(&mut self) {
        let after = self.rest.get(1..).unwrap_or_default();
        let tag_len =
            after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
        if after.get(tag_len..).is_some_and(|rest| rest.starts_with('$')) {
            let tag = self.rest.get(..tag_len + 2).unwrap_or_default().to_owned();
            self.skip(tag_len + 2);
            self.take_until(&tag);
            self.current.push_str("''");
        } else {
            self.skip(1);
            self.current.push('$');
        }
    }

    fn line_comment(&mut self) {
        self.take_until("\n");
        self.blank();
    }

    fn block_comment(&mut self) {
        self.skip(2);
        // `/*! .. */` is executed by MySQL: its content stays.
        if self.rest.starts_with('!') {
            self.skip(1);
            let digits = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
            self.skip(digits);
            let inner = self.take_until("*/");
            self.blank();
            self.current.extend(inner.chars().flat_map(char::to_uppercase));
            return;
        }
        self.take_until("*/");
        self.blank();
    }

    fn backslash_command(&mut self) {
        let line = self.take_until("\n");
        self.current.push_str(line.trim());
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn comments_and_literals_cannot_hide_or_fake_a_statement() {
        assert_eq!(statements("Drop/**/table \"x\";"), ["DROP TABLE X"]);
        assert_eq!(
            statements("select 'drop table x; --' as a; truncate t"),
            ["SELECT '' AS A", "TRUNCATE T"]
        );
        assert_eq!(
            statements("do $x$ drop table t; $x$; -- drop\n delete\n from t"),
            ["DO ''", "DELETE FROM T"]
        );
        assert_eq!(statements("/*!50000 drop table t */"), ["DROP TABLE T"]);
        assert_eq!(statements("select 'it''s'; delete from t"), ["SELECT ''", "DELETE FROM T"]);
        let hidden = "select '\\'; drop table t; --'";
        assert!(statements(hidden).iter().any(|s| s == "DROP TABLE T"));
        assert_eq!(statements("\\! rm x\nselect 1"), ["\\! rm x", "SELECT 1"]);
    }

    #[test]
    fn anything_unfinished_ends_with_the_text() {
        for text in ["'", "\"", "$$", "/*", "--", "\\", "$a", "a'b\\", "`"] {
            let _ = statements(text);
        }
    }
}
