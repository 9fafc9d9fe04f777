//! The text of POSIX regular expressions, basic and extended.

use super::options::count;
use super::posix::Pattern;

/// Which characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set(u128);

impl Set {
    fn of(byte: u8) -> Self {
        Self(1_u128.checked_shl(u32::from(byte)).unwrap_or(0))
    }

    fn such_that(test: impl Fn(u8) -> bool) -> Self {
        (0..128).filter(|byte| test(*byte)).fold(Self(0), |set, byte| set.or(Self::of(byte)))
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn not(self) -> Self {
        Self(!self.0)
    }

    pub(super) fn contains(self, byte: u8) -> bool {
        self.0 & Self::of(byte).0 != 0
    }

    /// Both cases of every letter.
    fn folded(self) -> Self {
        Self::such_that(|byte| {
            self.contains(byte.to_ascii_lowercase()) || self.contains(byte.to_ascii_uppercase())
        })
    }
}

/// What takes no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assertion {
    Start,
    End,
    Edge,
    WordStart,
    WordEnd,
}

/// A part of a pattern.
#[derive(Debug)]
pub(super) enum Node {
    Set(Set),
    Assert(Assertion),
    Cat(Vec<Node>),
    Alt(Vec<Node>),
    Group(usize, Box<Node>),
    /// At least, and at most.
    Repeat(Box<Node>, usize, Option<usize>),
}

/// Whose patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    pub(super) extended: bool,
    pub(super) ignore_case: bool,
    pub(super) program: Program,
}

/// Programs differ on escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    Sed,
    Grep,
    Awk,
}

/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 2_000;

/// Deepest groups.
const MAX_DEPTH: usize = 40;

/// Reads a pattern; `None` for what is not certain to be read the same
/// everywhere, such as back-references.
pub(super) fn parse(text: &[u8], syntax: Syntax) -> Option<Pattern> {
    if text.is_empty() || text.len() > MAX_PATTERN || !text.is_ascii() || text.contains(&0) {
        return None;
    }
    let mut parser = Parser { text, at: 0, syntax, groups: 0, depth: 0 };
    let root = parser.alternatives()?;
    (parser.at == text.len()).then_some(Pattern { root, groups: parser.groups })
}

/// A fixed text as a pattern.
pub(super) fn literal(text: &[u8], ignore_case: bool) -> Option<Pattern> {
    if text.is_empty() || text.len() > MAX_PATTERN || !text.is_ascii() || text.contains(&0) {
        return None;
    }
    let set = |byte: &u8| if ignore_case { Set::of(*byte).folded() } else { Set::of(*byte) };
    Some(Pattern { root: Node::Cat(text.iter().map(|b| Node::Set(set(b))).collect()), groups: 0 })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Or,
    Star,
    Plus,
    Question,
    Brace,
    Caret,
    Dollar,
    Dot,
    Bracket,
    Char(u8),
    Escape(u8),
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    syntax: Syntax,
    groups: usize,
    depth: usize,
}

impl Parser<'_> {
    /// The token here and its length.
    fn peek(&self) -> Option<(Token, usize)> {
        let rest = self.text.get(self.at..)?;
        let token = match rest {
            [b'\\', byte, ..] => {
                let basic = !self.syntax.extended;
                let token = match byte {
                    b'(' if basic => Token::Open,
                    b')' if basic => Token::Close,
                    b'|' if basic => Token::Or,
                    b'+' if basic => Token::Plus,
                    b'?' if basic => Token::Question,
                    b'{' if basic => Token::Brace,
                    _ => Token::Escape(*byte),
                };
                return Some((token, 2));
            }
            [byte, ..] => match byte {
                b'*' => Token::Star,
                b'^' => Token::Caret,
                b'$' => Token::Dollar,
                b'.' => Token::Dot,
                b'[' => Token::Bracket,
                b'\\' => Token::Escape(0),
                byte if !self.syntax.extended => Token::Char(*byte),
                b'(' => Token::Open,
                b')' => Token::Close,
                b'|' => Token::Or,
                b'+' => Token::Plus,
                b'?' => Token::Question,
                b'{' => Token::Brace,
                byte => Token::Char(*byte),
            },
            [] => return None,
        };
        Some((token, 1))
    }

    fn alternatives(&mut self) -> Option<Node> {
        let mut branches = vec![self.branch()?];
        while let Some((Token::Or, length)) = self.peek() {
            self.at += length;
            branches.push(self.branch()?);
        }
        if branches.len() == 1 { branches.pop() } else { Some(Node::Alt(branches)) }
    }

    /// What stands between `|`. Nothing at all is read differently.
    fn branch(&mut self) -> Option<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        while let Some((token, length)) = self.peek() {
            if matches!(token, Token::Or) || matches!(token, Token::Close) && self.depth > 0 {
                break;
            }
            self.at += length;
            // In basic patterns `*` is itself where it has nothing to repeat.
            let bare = nodes.iter().all(|node| matches!(node, Node::Assert(Assertion::Start)));
            let node = match token {
                Token::Star if bare && !self.syntax.extended => Node::Set(self.set(Set::of(b'*'))),
                Token::Caret if self.syntax.extended || nodes.is_empty() => {
                    Node::Assert(Assertion::Start)
                }
                Token::Caret => Node::Set(Set::of(b'^')),
                Token::Dollar if self.syntax.extended || self.at_end() => {
                    Node::Assert(Assertion::End)
                }
                // GNU grep takes this for both an end and a character.
                Token::Dollar if matches!(self.peek(), Some((Token::Char(b'|' | b')'), _))) => {
                    return None;
                }
                Token::Dollar => Node::Set(Set::of(b'$')),
                _ => self.atom(token)?,
            };
            let node = self.repeated(node)?;
            nodes.push(node);
        }
        match nodes.len() {
            0 => None,
            1 => nodes.pop(),
            _ => Some(Node::Cat(nodes)),
        }
    }

    /// Whether a basic pattern or its group ends here.
    fn at_end(&self) -> bool {
        matches!(self.peek(), None | Some((Token::Close | Token::Or, _)))
    }

    fn set(&self, set: Set) -> Set {
        if self.syntax.ignore_case { set.folded() } else { set }
    }

    fn atom(&mut self, token: Token) -> Option<Node> {
        let set = match token {
            Token::Open => {
                self.groups += 1;
                let number = self.groups;
                self.depth += 1;
                let inner = (self.depth < MAX_DEPTH).then(|| self.alternatives())??;
                self.depth -= 1;
                let (Token::Close, length) = self.peek()? else { return None };
                self.at += length;
                return Some(Node::Group(number, Box::new(inner)));
            }
            Token::Char(byte) => Set::of(byte),
            Token::Dot => Set(u128::MAX),
            Token::Bracket => return Some(Node::Set(self.bracket()?)),
            Token::Escape(byte) => return self.escape(byte),
            _ => return None,
        };
        Some(Node::Set(self.set(set)))
    }

    fn escape(&self, byte: u8) -> Option<Node> {
        let gnu = self.syntax.program != Program::Awk;
        let word = Set::such_that(|b| b.is_ascii_alphanumeric() || b == b'_');
        let blank = Set::such_that(|b| matches!(b, b' ' | 9..=13));
        let set = match byte {
            b'n' if self.syntax.program != Program::Grep => Set::of(b'\n'),
            b't' if self.syntax.program != Program::Grep => Set::of(b'\t'),
            b'w' if gnu => word,
            b'W' if gnu => word.not(),
            b's' if gnu => blank,
            b'S' if gnu => blank.not(),
            b'b' if gnu => return Some(Node::Assert(Assertion::Edge)),
            b'<' if gnu => return Some(Node::Assert(Assertion::WordStart)),
            b'>' if gnu => return Some(Node::Assert(Assertion::WordEnd)),
            b'"' | b'/' | b'.' | b'*' | b'[' | b']' | b'^' | b'$' | b'\\' | b'-' | b',' | b':'
            | b'#' | b'%' | b'@' | b'=' | b'~' | b'&' | b';' | b'!' | b' ' => Set::of(byte),
            b'(' | b')' | b'|' | b'+' | b'?' | b'{' | b'}' if self.syntax.extended => Set::of(byte),
            _ => return None,
        };
        Some(Node::Set(self.set(set)))
    }

    /// What follows a node and repeats it.
    fn repeated(&mut self, node: Node) -> Option<Node> {
        let quantifier =
            |token| matches!(token, Token::Star | Token::Plus | Token::Question | Token::Brace);
        let Some((token, length)) = self.peek() else { return Some(node) };
        if !quantifier(token) {
            return Some(node);
        }
        if matches!(node, Node::Assert(_)) {
            // `^*` is about a star in basic patterns.
            let literal = token == Token::Star && !self.syntax.extended;
            return literal.then_some(node);
        }
        self.at += length;
        let (least, most) = match token {
            Token::Star => (0, None),
            Token::Plus => (1, None),
            Token::Question => (0, Some(1)),
            _ => self.interval()?,
        };
        // A repetition of a repetition is read differently.
        if self.peek().is_some_and(|(token, _)| quantifier(token)) {
            return None;
        }
        Some(Node::Repeat(Box::new(node), least, most))
    }

    /// Behind `{`.
    fn interval(&mut self) -> Option<(usize, Option<usize>)> {
        let close: &[u8] = if self.syntax.extended { b"}" } else { b"\\}" };
        if self.syntax.program == Program::Awk {
            return None;
        }
        let rest = self.text.get(self.at..)?;
        let length = rest.windows(close.len()).position(|window| window == close)?;
        let inner = std::str::from_utf8(rest.get(..length)?).ok()?;
        self.at += length + close.len();
        let (least, most) = match inner.split_once(',') {
            None => (count(inner)?, Some(count(inner)?)),
            Some((least, "")) => (count(least)?, None),
            Some((least, most)) => (count(least)?, Some(count(most)?)),
        };
        let fine = least <= 255 && most.is_none_or(|most| most <= 255 && most >= least && most > 0);
        fine.then_some((least, most))
    }

    /// Behind `[`.
    fn bracket(&mut self) -> Option<Set> {
        let mut rest = self.text.get(self.at..)?;
        let negated = rest.first() == Some(&b'^');
        if negated {
            rest = rest.get(1..)?;
        }
        let mut set = Set(0);
        let mut first = true;
        loop {
            let (&byte, tail) = rest.split_first()?;
            rest = tail;
            match byte {
                b']' if !first => break,
                b'[' if rest.first() == Some(&b':') => {
                    let length = rest.windows(2).position(|window| window == b":]")?;
                    set = set.or(class(rest.get(1..length)?)?);
                    rest = rest.get(length + 2..)?;
                    // `[[:digit:]-x]` is an error in some.
                    if rest.first() == Some(&b'-') && rest.get(1) != Some(&b']') {
                        return None;
                    }
                }
                b'[' if matches!(rest.first(), Some(b'.' | b'=')) => return None,
                b'\\' if self.uncertain_backslash(rest) => return None,
                _ => {
                    if rest.first() == Some(&b'-') && rest.get(1).is_some_and(|b| *b != b']') {
                        let high = *rest.get(1)?;
                        if high < byte || matches!(high, b'[' | b'\\') || !same_kind(byte, high) {
                            return None;
                        }
                        set = set.or(Set::such_that(|b| (byte..=high).contains(&b)));
                        rest = rest.get(2..)?;
                    } else {
                        set = set.or(Set::of(byte));
                    }
                }
            }
            first = false;
        }
        self.at = self.text.len() - rest.len();
        let set = self.set(set);
        Some(if negated { set.not() } else { set })
    }

    /// Whether a backslash between brackets may be more than itself.
    fn uncertain_backslash(&self, rest: &[u8]) -> bool {
        let next = rest.first().copied().unwrap_or(b'n');
        self.syntax.program == Program::Awk
            || next.is_ascii_alphanumeric()
            || b"]\\-".contains(&next)
    }
}

/// Ranges over letters of one case or digits are the same in all locales.
fn same_kind(low: u8, high: u8) -> bool {
    let both = |test: fn(&u8) -> bool| test(&low) && test(&high);
    both(u8::is_ascii_lowercase) || both(u8::is_ascii_uppercase) || both(u8::is_ascii_digit)
}

fn class(name: &[u8]) -> Option<Set> {
    let test: fn(&u8) -> bool = match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |b| matches!(b, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |b| matches!(b, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |b| matches!(b, b' ' | 9..=13),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    };
    Some(Set::such_that(|b| test(&b)))
}
