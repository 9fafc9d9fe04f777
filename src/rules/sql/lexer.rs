//! Splits SQL text into statements in a form that patterns can trust.
//!
//! Comments and the content of string literals are taken out, blanks are
//! collapsed and letters made upper case, so that `Drop/**/table "x"` and
//! `select 'drop table x'` are told apart. The lexical rules are those of
//! PostgreSQL 15 (chapter 4.1) with MySQL's `#` comments and backquotes.

/// One statement of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Statement {
    /// Normalised, with quoted names as if they were plain.
    pub(super) plain: String,
    /// Normalised, with quoted names in their quotes: what a parser reads.
    pub(super) quoted: String,
    /// The contents of `$$ .. $$` literals.
    pub(super) bodies: Vec<String>,
}

/// The statements of a text. A command of the client itself (`\\d`, `.tables`)
/// is one of its own.
///
/// Dialects disagree about backslashes in literals and about `#`: a text for
/// which that makes a difference is read every way, and every statement of any
/// reading counts.
pub(super) fn read(text: &str) -> Vec<Statement> {
    let mut out: Vec<Statement> = Vec::new();
    let escapes: &[bool] = if text.contains("\\'") { &[true, false] } else { &[true] };
    let hashes: &[bool] = if text.contains('#') { &[true, false] } else { &[true] };
    for &escapes in escapes {
        for &hashes in hashes {
            let mut lexer = Lexer {
                rest: text,
                out: Vec::new(),
                current: Statement::default(),
                escapes,
                hashes,
            };
            lexer.run();
            if out.is_empty() {
                out = lexer.out;
            } else {
                out.extend(lexer.out);
                out.dedup();
            }
        }
    }
    out
}

struct Lexer<'a> {
    rest: &'a str,
    out: Vec<Statement>,
    current: Statement,
    escapes: bool,
    hashes: bool,
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
                '#' if self.hashes && self.blank_before() => self.line_comment(),
                '/' if self.rest.starts_with("/*") => self.block_comment(),
                '\\' => self.backslash_command(),
                '.' if self.current.plain.trim().is_empty() => self.line_command(),
                '\n' => self.line_end(),
                c if c.is_whitespace() => {
                    self.skip(c.len_utf8());
                    self.blank();
                }
                c => {
                    self.skip(c.len_utf8());
                    for c in c.to_uppercase() {
                        self.put(c);
                    }
                }
            }
        }
        self.finish();
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn put(&mut self, c: char) {
        self.current.plain.push(c);
        self.current.quoted.push(c);
    }

    fn take_until(&mut self, end: &str) -> &'a str {
        let (taken, rest) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn blank(&mut self) {
        if !self.current.plain.is_empty() && !self.current.plain.ends_with(' ') {
            self.put(' ');
        }
    }

    fn blank_before(&self) -> bool {
        self.current.plain.is_empty() || self.current.plain.ends_with(' ')
    }

    fn finish(&mut self) {
        let mut statement = std::mem::take(&mut self.current);
        for text in [&mut statement.plain, &mut statement.quoted] {
            text.truncate(text.trim_end().len());
            let blanks = text.len() - text.trim_start().len();
            text.drain(..blanks);
        }
        if !statement.plain.is_empty() {
            self.out.push(statement);
        }
    }

    /// A line `GO` ends a batch of statements for the clients of SQL Server, a
    /// line `/` a block for those of Oracle.
    fn line_end(&mut self) {
        self.skip(1);
        self.blank();
        let line = self.rest.split('\n').next().unwrap_or_default().trim();
        if line.eq_ignore_ascii_case("go") || line == "/" {
            self.take_until("\n");
            self.finish();
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
        self.put('\'');
        self.put('\'');
    }

    fn identifier(&mut self, quote: char) {
        self.skip(1);
        let name = self.take_until(quote.encode_utf8(&mut [0; 4]));
        let name: String = name.chars().flat_map(char::to_uppercase).collect();
        self.current.plain.push_str(&name);
        self.current.quoted.push(quote);
        self.current.quoted.push_str(&name);
        self.current.quoted.push(quote);
    }

    /// `$tag$ .. $tag$` is a literal; anything else after `$` is a parameter.
    fn dollar(&mut self) {
        let after = self.rest.get(1..).unwrap_or_default();
        let tag_len =
            after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
        if after.get(tag_len..).is_some_and(|rest| rest.starts_with('$')) {
            let tag = self.rest.get(..tag_len + 2).unwrap_or_default().to_owned();
            self.skip(tag_len + 2);
            let body = self.take_until(&tag);
            self.current.bodies.push(body.to_owned());
            self.put('\'');
            self.put('\'');
        } else {
            self.skip(1);
            self.put('$');
        }
    }

    fn line_comment(&mut self) {
        let (comment, _) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.skip(comment.len());
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
            for c in inner.chars().flat_map(char::to_uppercase) {
                self.put(c);
            }
            return;
        }
        self.take_until("*/");
        self.blank();
    }

    /// A command of the client goes to the end of its line, except `\\G`, with
    /// which MySQL's client ends a statement.
    fn backslash_command(&mut self) {
        let after = self.rest.get(1..).unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || c == ';';
        if after.starts_with('G') && after.chars().nth(1).is_none_or(ends) {
            self.skip(2);
        }
        self.finish();
        if self.rest.starts_with('\\') {
            self.line_command();
        }
    }

    fn line_command(&mut self) {
        let line = self.take_until("\n").trim();
        line.clone_into(&mut self.current.plain);
        line.clone_into(&mut self.current.quoted);
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    fn statements(text: &str) -> Vec<String> {
        super::read(text).into_iter().map(|statement| statement.plain).collect()
    }

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
    fn what_dialects_disagree_about_is_read_every_way() {
        let hash = "select data #> '{a}'; drop table t";
        assert!(statements(hash).iter().any(|s| s == "DROP TABLE T"));
        assert_eq!(statements("select 1\\G drop table t"), ["SELECT 1", "DROP TABLE T"]);
        assert_eq!(statements("use a\nGO\ndrop table t\nGO"), ["USE A", "DROP TABLE T"]);
        assert_eq!(statements(".mode csv\nselect 1"), [".mode csv", "SELECT 1"]);
        assert_eq!(statements("select 1 \\gexec"), ["SELECT 1", "\\gexec"]);
    }

    #[test]
    fn anything_unfinished_ends_with_the_text() {
        for text in ["'", "\"", "$$", "/*", "--", "\\", "$a", "a'b\\", "`"] {
            let _ = statements(text);
        }
    }
}
