//! Cuts the text of a program into tokens, as the data of its language says.
//!
//! Only what matters for finding calls and their constant arguments is kept.
//! Each byte is looked at a bounded number of times.

use super::language::{Here, Holes, Quote, QuoteKind, Syntax};
use super::literal::{self, Piece};
use super::text::is_hole;

/// Most tokens of one text.
pub(super) const MAX_TOKENS: usize = 200_000;
/// A pattern literal is not looked for further than this.
const MAX_PATTERN: usize = 2_000;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword.
    Name(String),
    /// A variable with a sigil, without it.
    Var(String),
    /// A string literal.
    Text(Vec<Piece>),
    /// A literal that runs as a shell command.
    Command(Vec<Piece>),
    /// A list of words.
    Words(Vec<String>),
    /// A whole number.
    Number(i64),
    /// Punctuation.
    Op(&'static str),
    /// The end of a line.
    Newline,
}

/// Punctuation, longest first.
const OPS: [&str; 65] = [
    "===", "!==", "...", "**=", "<=>", "||=", "&&=", "??=", "<<=", ">>=", "->", "=>", "==", "!=",
    "<=", ">=", "&&", "||", "..", "::", "+=", "-=", ".=", "*=", "/=", "%=", "|=", "?.", "??", "**",
    "<<", ">>", "//", ":=", "=~", "!~", "|&", "++", "--", "(", ")", "[", "]", "{", "}", ",", ";",
    ":", ".", "+", "-", "*", "/", "%", "=", "<", ">", "|", "&", "!", "?", "^", "~", "@", "$",
];

/// Words after which an operand follows, so that `/` starts a pattern there.
const BEFORE_OPERAND: [&str; 16] = [
    "return", "if", "elsif", "elif", "unless", "and", "or", "not", "in", "when", "while", "until",
    "split", "grep", "case", "typeof",
];

/// Cuts a text; `None` when it has too many tokens.
pub(super) fn tokens(text: &str, syntax: &Syntax) -> Option<Vec<Token>> {
    let mut lexer =
        Lexer { text, at: 0, syntax, out: Vec::new(), operand: false, here: None, no_pattern: 0 };
    while lexer.at < text.len() {
        lexer.step();
        if lexer.out.len() > MAX_TOKENS {
            return None;
        }
    }
    Some(lexer.out)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    syntax: &'a Syntax,
    out: Vec<Token>,
    /// The token before can be an operand: what follows is an operator.
    operand: bool,
    /// The end of this line, and where reading goes on behind the
    /// here-documents that start there.
    here: Option<(usize, usize)>,
    /// No pattern literal starts before this.
    no_pattern: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn starts(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    fn push(&mut self, token: Token, operand: bool) {
        self.out.push(token);
        self.operand = operand;
    }

    /// Reads one token, comment or blank; always moves on.
    fn step(&mut self) {
        let Some(c) = self.peek() else {
            self.at = self.text.len();
            return;
        };
        if c == '\n' {
            self.newline();
        } else if c.is_whitespace() {
            self.at += c.len_utf8();
        } else if c == '\\' {
            // A joined line, or a reference (perl).
            self.at += 1;
            self.at += self.rest().chars().next().filter(|c| *c == '\n').map_or(0, char::len_utf8);
        } else if self.comment()
            || self.here_document()
            || self.variable(c)
            || self.quoting()
            || self.string()
            || self.pattern(c)
            || self.number(c)
            || self.symbol(c)
            || self.name(c)
        {
        } else {
            self.operator(c);
        }
    }

    fn newline(&mut self) {
        self.push(Token::Newline, false);
        self.at += 1;
        if let Some((end, next)) = self.here.take()
            && end < self.at
        {
            self.at = next.max(self.at);
        }
    }

    fn comment(&mut self) -> bool {
        for (open, close) in &self.syntax.blocks {
            if self.starts(open) {
                let rest = self.rest().get(open.len()..).unwrap_or_default();
                let end = rest.find(close.as_str()).map(|at| at + close.len());
                self.at += open.len() + end.unwrap_or(rest.len());
                return true;
            }
        }
        let starts = self.syntax.comments.iter().any(|open| self.starts(open));
        if starts {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
        starts
    }

    /// `<<NAME`, `<<~'NAME'`, `<<<NAME`: the text stands below this line.
    fn here_document(&mut self) -> bool {
        let open = match self.syntax.here {
            Here::None => return false,
            Here::Two => "<<",
            Here::Three => "<<<",
        };
        let Some(after) = self.rest().strip_prefix(open) else { return false };
        let mark = after.trim_start_matches(['~', '-', ' ']);
        let quote = mark.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'));
        let name = quote.map_or(mark, |_| mark.get(1..).unwrap_or_default());
        let len = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
        let name = name.get(..len).unwrap_or_default();
        let upper = name.starts_with(|c: char| c.is_uppercase());
        if name.is_empty() || (quote.is_none() && (!upper || after.starts_with(' '))) {
            return false;
        }
        let line_end = match self.here {
            Some((end, _)) => end,
            None => self.at + self.rest().find('\n').unwrap_or(self.rest().len()),
        };
        let from = self.here.map_or(line_end + 1, |(_, next)| next);
        let body = self.text.get(from..).unwrap_or_default();
        let mut length = 0;
        let mut end = None;
        for line in body.split_inclusive('\n') {
            if line.trim().trim_end_matches([';', ')', ',']) == name {
                end = Some((length, length + line.len()));
                break;
            }
            length += line.len();
        }
        let (stop, next) = end.unwrap_or((body.len(), body.len()));
        self.here = Some((line_end, from + next));
        self.at += open.len() + (after.len() - mark.len()) + len + 2 * usize::from(quote.is_some());
        let inner = body.get(..stop).unwrap_or_default();
        let holes = if quote == Some('\'') { Holes::None } else { self.holes_of_strings() };
        let spec = Quote { holes, raw: quote == Some('\''), ..Quote::default() };
        let pieces = literal::pieces(inner, &spec, self.syntax.sigils.contains('@'));
        let token = if quote == Some('`') { Token::Command(pieces) } else { Token::Text(pieces) };
        self.push(token, true);
        true
    }

    /// What double quotes replace in this language.
    fn holes_of_strings(&self) -> Holes {
        let double = self.syntax.strings.iter().find(|quote| quote.open == "\"");
        double.map_or(Holes::None, |quote| quote.holes)
    }

    /// `$name`, `@name`; special variables are read and mean nothing.
    fn variable(&mut self, c: char) -> bool {
        if !self.syntax.sigils.contains(c) || (c == '%' && self.operand) {
            return false;
        }
        let after = self.rest().get(1..).unwrap_or_default();
        let len = after.find(|c: char| !is_name(c)).unwrap_or(after.len());
        let braced = after.strip_prefix('{').and_then(|inner| {
            let end = inner.find(|c: char| !is_name(c))?;
            (end > 0 && inner.get(end..)?.starts_with('}')).then(|| inner.get(..end))?
        });
        if len > 0 {
            let name = after.get(..len).unwrap_or_default().to_owned();
            self.at += 1 + len;
            self.push(Token::Var(name), true);
        } else if let Some(name) = braced {
            self.at += name.len() + 3;
            self.push(Token::Var(name.to_owned()), true);
        } else if c != '$' || self.syntax.adjacent || after.starts_with(['{', '(']) {
            // `@{..}`, `%$x`, `$(..)`: what is inside is read by itself.
            if c == '%' && !after.starts_with(['$', '{']) {
                return false;
            }
            self.at += 1;
        } else {
            self.at += 1 + after.chars().next().map_or(0, char::len_utf8);
            self.push(Token::Var(String::new()), true);
        }
        true
    }

    /// `qw(..)`, `%x{..}`, `s/../../`.
    fn quoting(&mut self) -> bool {
        let rest = self.rest();
        let after_member = matches!(self.out.last(), Some(Token::Op("->" | ".")));
        for quote in &self.syntax.quoting {
            let Some(after) = rest.strip_prefix(quote.open.as_str()) else { continue };
            let words = quote.open.starts_with(|c: char| c.is_alphabetic());
            if (words && after_member) || (!words && self.operand && !self.spaced(after)) {
                continue;
            }
            let blanks = after.len() - after.trim_start_matches(' ').len();
            let body = after.get(blanks..).unwrap_or_default();
            let Some(delimiter) = body.chars().next() else { continue };
            let odd = delimiter.is_alphanumeric()
                || delimiter.is_whitespace()
                || matches!(delimiter, '_' | ',' | ';' | ')' | '}' | ']' | '=' | '>' | '.');
            let far =
                blanks > 0 && (quote.open.len() < 2 || !words || !"({[</|!".contains(delimiter));
            let hash = delimiter == '#' && blanks > 0;
            // A name that only begins like this is excluded by the delimiter.
            if odd || far || hash || (words && "-+*&:?".contains(delimiter)) {
                continue;
            }
            let (inner, used) = literal::delimited(body, delimiter);
            self.at += quote.open.len() + blanks + used;
            if quote.two {
                self.second_part(delimiter);
            }
            let pieces = |q| literal::pieces(inner, q, self.syntax.sigils.contains('@'));
            let token = match quote.kind {
                QuoteKind::Text => Token::Text(pieces(quote)),
                QuoteKind::Command => Token::Command(pieces(quote)),
                QuoteKind::Words => {
                    Token::Words(inner.split_whitespace().take(1_000).map(str::to_owned).collect())
                }
                QuoteKind::Pattern => {
                    self.flags();
                    Token::Var(String::new())
                }
            };
            self.push(token, true);
            return true;
        }
        false
    }

    /// `puts %w(a b)`: a blank before and none after.
    fn spaced(&self, after: &str) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        matches!(self.out.last(), Some(Token::Name(_)))
            && before.ends_with(' ')
            && !after.starts_with(' ')
    }

    fn second_part(&mut self, delimiter: char) {
        if "({[<".contains(delimiter) {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let Some(next) = trimmed.chars().next() else { return };
            self.at += rest.len() - trimmed.len() + literal::delimited(trimmed, next).1;
        } else {
            // The delimiter before was the end of the first part.
            let (_, used) = literal::until(self.rest(), delimiter);
            self.at += used;
        }
    }

    fn flags(&mut self) {
        let rest = self.rest();
        self.at += rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len()).min(8);
    }

    fn string(&mut self) -> bool {
        let rest = self.rest();
        let mut prefix = 0;
        if self.syntax.prefixes {
            let letters = rest.find(|c: char| !"rbfuRBFU".contains(c)).unwrap_or(0);
            let quoted = rest.get(letters..).is_some_and(|r| r.starts_with(['\'', '"']));
            prefix = if letters <= 2 && quoted { letters } else { 0 };
        }
        let marks = rest.get(..prefix).unwrap_or_default().to_ascii_lowercase();
        let body = rest.get(prefix..).unwrap_or_default();
        let quotes = &self.syntax.strings;
        let Some(quote) = quotes.iter().find(|q| body.starts_with(q.open.as_str())) else {
            return false;
        };
        let holes = if marks.contains('f') { Holes::Braces } else { quote.holes };
        let quote = Quote { raw: quote.raw || marks.contains('r'), holes, ..quote.clone() };
        let (pieces, used) = literal::quoted(body, &quote, self.syntax.sigils.contains('@'));
        self.at += prefix + used;
        let token = match quote.kind {
            QuoteKind::Command => Token::Command(pieces),
            _ => Token::Text(pieces),
        };
        self.push(token, true);
        true
    }

    /// `/../` where an operand may stand.
    fn pattern(&mut self, c: char) -> bool {
        if c != '/' || !self.syntax.patterns || self.operand || self.at < self.no_pattern {
            return false;
        }
        let mut class = false;
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if c == '\n' || at > MAX_PATTERN => {
                    // Looked for once, and never again in this stretch.
                    self.no_pattern = self.at + at;
                    return false;
                }
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    self.at += at + 1;
                    self.flags();
                    self.push(Token::Var(String::new()), true);
                    return true;
                }
                _ => {}
            }
        }
        self.no_pattern = self.text.len();
        false
    }

    fn number(&mut self, c: char) -> bool {
        if !c.is_ascii_digit() {
            return false;
        }
        let rest = self.rest();
        let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let len = len.unwrap_or(rest.len());
        let text = rest.get(..len).unwrap_or_default().replace('_', "").to_ascii_lowercase();
        let value = match text.get(..2) {
            Some("0x") => i64::from_str_radix(text.get(2..).unwrap_or_default(), 16),
            Some("0o") => i64::from_str_radix(text.get(2..).unwrap_or_default(), 8),
            Some("0b") => i64::from_str_radix(text.get(2..).unwrap_or_default(), 2),
            Some(two) if two.starts_with('0') => i64::from_str_radix(&text, 8),
            _ => text.parse(),
        };
        self.at += len;
        self.push(value.map_or_else(|_| Token::Var(String::new()), Token::Number), true);
        true
    }

    /// `:name`, where an operand may stand.
    fn symbol(&mut self, c: char) -> bool {
        let blank = self.text.get(..self.at).is_none_or(|before| !before.ends_with(is_name));
        if c != ':' || !self.syntax.symbols || !blank || self.starts("::") {
            return false;
        }
        let after = self.rest().get(1..).unwrap_or_default();
        let len = after.find(|c: char| !is_name(c)).unwrap_or(after.len());
        if len == 0 {
            return false;
        }
        let name = after.get(..len).unwrap_or_default().to_owned();
        self.at += 1 + len;
        self.push(Token::Text(vec![Piece::Text(name)]), true);
        true
    }

    fn name(&mut self, c: char) -> bool {
        if !(is_name(c) || c == '$' && self.syntax.sigils.is_empty()) {
            return false;
        }
        let dollar = self.syntax.sigils.is_empty();
        let rest = self.rest();
        let len = rest.find(|c: char| !(is_name(c) || (dollar && c == '$'))).unwrap_or(rest.len());
        let name = rest.get(..len).unwrap_or_default();
        self.at += len;
        let operand = !BEFORE_OPERAND.contains(&name);
        let name = if self.syntax.caseless { name.to_lowercase() } else { name.to_owned() };
        self.push(Token::Name(name), operand);
        true
    }

    fn operator(&mut self, c: char) {
        match OPS.iter().find(|op| self.starts(op)) {
            Some(op) => {
                self.at += op.len();
                self.push(Token::Op(op), matches!(*op, ")" | "]" | "}"));
            }
            None => self.at += c.len_utf8(),
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_hole(c)
}
