//! The text of small `awk` programs.

use super::posix::Pattern;
use super::script::Part;
use super::syntax::{self, Program as Kind, Syntax};
use super::tree::{
    Comparison, Condition, Expression, Number, Program, Rule, Statement, Term, Variable, When,
};

/// Deepest expressions.
const MAX_DEPTH: usize = 20;

/// Reads a program; `None` for everything that is not listed above.
///
/// `values` are variables that were set before; the program cannot change them.
pub(super) fn parse<'a>(text: &'a str, values: &'a [(&'a str, &'a str)]) -> Option<Program> {
    if !text.is_ascii() || text.len() > 4_000 {
        return None;
    }
    let mut reader = Reader { rest: text, depth: 0, values };
    let mut rules = Vec::new();
    loop {
        reader.skip_ends();
        if reader.rest.is_empty() {
            break;
        }
        rules.push(reader.rule()?);
    }
    (!rules.is_empty()).then_some(Program { rules })
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    values: &'a [(&'a str, &'a str)],
}

impl<'a> Reader<'a> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn skip_ends(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', ';']);
    }

    /// Takes a mark, if it is next.
    fn mark(&mut self, mark: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next_is(&mut self, mark: &str) -> bool {
        self.blanks();
        self.rest.starts_with(mark)
    }

    /// The name here, without taking it.
    fn name(&mut self) -> &'a str {
        self.blanks();
        let rest: &'a str = self.rest;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if name.starts_with(|c: char| c.is_ascii_digit()) { "" } else { name }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.name() == word;
        if found {
            self.rest = self.rest.get(word.len()..).unwrap_or_default();
        }
        found
    }

    fn integer(&mut self) -> Option<usize> {
        self.blanks();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end)?;
        let other = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.' || c == '_');
        if digits.is_empty()
            || digits.len() > 9
            || digits.len() > 1 && digits.starts_with('0')
            || other
        {
            return None;
        }
        self.rest = rest;
        digits.parse().ok()
    }

    fn rule(&mut self) -> Option<Rule> {
        let when = match self.name() {
            "BEGIN" => {
                self.word("BEGIN");
                When::Begin
            }
            "END" => {
                self.word("END");
                When::End
            }
            _ if self.next_is("{") => When::Always,
            _ => When::Condition(self.condition()?),
        };
        if !self.mark("{") {
            let whole = matches!(when, When::Condition(_));
            self.blanks();
            let ends = self.rest.is_empty() || self.rest.starts_with([';', '\n']);
            let body = vec![Statement::Print(Vec::new())];
            return (whole && ends).then_some(Rule { when, body });
        }
        let mut body = Vec::new();
        loop {
            self.skip_ends();
            if self.mark("}") {
                break;
            }
            let statement = self.statement()?;
            if matches!(statement, Statement::Set(..)) && !matches!(when, When::Begin) {
                return None;
            }
            body.push(statement);
            self.blanks();
            if !self.rest.starts_with([';', '\n', '}']) {
                return None;
            }
        }
        Some(Rule { when, body })
    }

    fn statement(&mut self) -> Option<Statement> {
        match self.name() {
            "print" => {
                self.word("print");
                self.list().map(Statement::Print)
            }
            "printf" => {
                self.word("printf");
                self.list().filter(|list| !list.is_empty()).map(Statement::Printf)
            }
            name @ ("sub" | "gsub") => {
                self.word(name);
                if !self.mark("(") {
                    return None;
                }
                let pattern = self.regex()?;
                let text = self.mark(",").then(|| self.text())??;
                if !self.mark(")") || text.contains(&b'\\') {
                    return None;
                }
                let mut parts = Vec::new();
                for (number, piece) in text.split(|b| *b == b'&').enumerate() {
                    if number > 0 {
                        parts.push(Part::Group(0));
                    }
                    parts.push(Part::Text(piece.to_vec()));
                }
                Some(Statement::Substitute(std::rc::Rc::new(pattern), parts, name == "gsub"))
            }
            "next" => self.word("next").then_some(Statement::Next),
            "exit" => self.word("exit").then_some(Statement::Exit),
            name @ ("FS" | "OFS" | "ORS") => {
                self.word(name);
                let text = self.mark("=").then(|| self.text())??;
                Some(Statement::Set(variable(name)?, text))
            }
            _ => None,
        }
    }

    fn ends(&mut self) -> bool {
        self.blanks();
        self.rest.is_empty() || self.rest.starts_with([';', '\n', '}'])
    }

    /// What is printed, with or without parentheses around it all.
    fn list(&mut self) -> Option<Vec<Expression>> {
        if self.ends() {
            return Some(Vec::new());
        }
        let before = self.rest;
        if self.mark("(") {
            let list = self.expressions();
            if list.is_some() && self.mark(")") && self.ends() {
                return list;
            }
            self.rest = before;
        }
        let list = self.expressions()?;
        self.ends().then_some(list)
    }

    fn expressions(&mut self) -> Option<Vec<Expression>> {
        let mut list = vec![self.expression()?];
        while self.mark(",") {
            list.push(self.expression()?);
        }
        Some(list)
    }

    /// Terms beside each other.
    fn expression(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut terms = vec![self.term()?];
        loop {
            self.blanks();
            let starts = |c: char| c.is_ascii_alphanumeric() || matches!(c, '"' | '$' | '(');
            if !self.rest.starts_with(starts) {
                break;
            }
            terms.push(self.term()?);
        }
        self.depth -= 1;
        Some(terms)
    }

    fn term(&mut self) -> Option<Term> {
        self.blanks();
        match self.rest.bytes().next()? {
            b'"' => self.text().map(Term::Text),
            b'0'..=b'9' => Some(Term::Number(i64::try_from(self.integer()?).ok()?)),
            b'(' => {
                self.mark("(");
                let inner = self.expression()?;
                self.mark(")").then_some(Term::Inner(inner))
            }
            b'$' => {
                self.mark("$");
                self.field()
            }
            _ => self.call(),
        }
    }

    fn field(&mut self) -> Option<Term> {
        if self.word("NF") {
            return Some(Term::FromLast(0));
        }
        if self.mark("(") {
            if !self.word("NF") {
                return None;
            }
            let count = if self.mark("-") { self.integer()? } else { 0 };
            return self.mark(")").then_some(Term::FromLast(count));
        }
        // `$ 1` and `$1.5` are not what they look like.
        self.integer().map(Term::Field)
    }

    fn call(&mut self) -> Option<Term> {
        let name = self.name();
        if let Some((_, value)) = self.values.iter().rev().find(|(other, _)| *other == name) {
            self.word(name);
            // A parenthesis would make it a call, or an error.
            return (!self.next_is("(")).then(|| Term::Text(value.as_bytes().to_vec()));
        }
        match name {
            "NR" => return self.word("NR").then_some(Term::Records),
            "NF" => return self.word("NF").then_some(Term::Fields),
            "toupper" | "tolower" | "length" | "substr" => self.word(name),
            _ => return None,
        };
        if !self.next_is("(") {
            return (name == "length").then(|| Term::Length(vec![Term::Field(0)]));
        }
        self.mark("(");
        let text = self.expression()?;
        let term = match name {
            "toupper" => Term::Upper(text),
            "tolower" => Term::Lower(text),
            "length" => Term::Length(text),
            _ => {
                let start = self.mark(",").then(|| self.signed())??;
                let length = if self.mark(",") { Some(self.signed()?) } else { None };
                Term::Part(text, start, length)
            }
        };
        self.mark(")").then_some(term)
    }

    fn signed(&mut self) -> Option<i64> {
        let negative = self.mark("-");
        let value = i64::try_from(self.integer()?).ok()?;
        Some(if negative { -value } else { value })
    }

    /// A text in quotes.
    fn text(&mut self) -> Option<Vec<u8>> {
        if !self.mark("\"") {
            return None;
        }
        let mut out = Vec::new();
        let mut bytes = self.rest.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    self.rest = self.rest.get(at + 1..)?;
                    return Some(out);
                }
                b'\n' => return None,
                b'\\' => out.push(match bytes.next()?.1 {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'\\' => b'\\',
                    b'"' => b'"',
                    first @ b'0'..=b'7' => {
                        let mut value = u32::from(first - b'0');
                        let ahead = self.rest.as_bytes().get(at + 2..at + 4)?;
                        for digit in ahead {
                            // Fewer than three digits are read alike, but rare.
                            let digit = char::from(*digit).to_digit(8)?;
                            value = value * 8 + digit;
                            bytes.next();
                        }
                        u8::try_from(value).ok().filter(|b| b.is_ascii() && *b != 0)?
                    }
                    _ => return None,
                }),
                byte => out.push(byte),
            }
        }
        None
    }

    /// `/pattern/`.
    fn regex(&mut self) -> Option<Pattern> {
        if !self.mark("/") {
            return None;
        }
        let mut escaped = false;
        let mut bracket = false;
        let end = self.rest.bytes().position(|byte| {
            let ends = byte == b'/' && !escaped;
            bracket |= byte == b'[' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let text = self.rest.get(..end)?;
        // Whether a `/` between brackets ends the pattern depends on the version.
        if bracket && self.rest.get(end + 1..)?.contains('/') || text.contains('\n') {
            return None;
        }
        self.rest = self.rest.get(end + 1..)?;
        pattern(text)
    }

    fn condition(&mut self) -> Option<Condition> {
        let mut any = Vec::new();
        loop {
            let mut all = vec![self.test()?];
            while self.mark("&&") {
                all.push(self.test()?);
            }
            any.push(Condition::All(all));
            if !self.mark("||") {
                return Some(Condition::Any(any));
            }
        }
    }

    fn test(&mut self) -> Option<Condition> {
        let negated = self.next_is("!/") && self.mark("!");
        if self.next_is("/") {
            return Some(Condition::Match(vec![Term::Field(0)], self.regex()?, negated));
        }
        self.blanks();
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let truth = self.integer()? != 0;
            return Some(if truth {
                Condition::All(Vec::new())
            } else {
                Condition::Any(Vec::new())
            });
        }
        if self.next_is("$") {
            let field = self.term()?;
            for (mark, negated) in [("!~", true), ("~", false)] {
                if self.mark(mark) {
                    return Some(Condition::Match(vec![field], self.regex()?, negated));
                }
            }
            for (mark, negated) in [("!=", true), ("==", false)] {
                if self.mark(mark) {
                    return Some(Condition::Text(vec![field], self.text()?, negated));
                }
            }
            return None;
        }
        let records = self.word("NR");
        if !records && !self.word("NF") {
            return None;
        }
        let modulus = if self.mark("%") { Some(self.integer()?).filter(|m| *m > 0) } else { None };
        let number = Number { records, modulus };
        for (mark, comparison) in [
            ("==", Comparison::Equal),
            ("!=", Comparison::Unequal),
            ("<=", Comparison::LessEqual),
            ("<", Comparison::Less),
            (">=", Comparison::GreaterEqual),
            (">", Comparison::Greater),
        ] {
            if self.mark(mark) {
                return Some(Condition::Number(number, comparison, self.integer()?));
            }
        }
        Some(Condition::Number(number, Comparison::Unequal, 0))
    }
}

/// The variable that a name stands for.
pub(super) fn variable(name: &str) -> Option<Variable> {
    match name {
        "FS" => Some(Variable::Fields),
        "OFS" => Some(Variable::OutFields),
        "ORS" => Some(Variable::OutRecords),
        _ => None,
    }
}

/// Whether a name can only be a variable of the user.
pub(super) fn is_plain_name(name: &str) -> bool {
    let words = [
        "print",
        "printf",
        "getline",
        "in",
        "if",
        "else",
        "while",
        "for",
        "do",
        "next",
        "exit",
        "return",
        "delete",
        "func",
        "function",
        "break",
        "continue",
        "switch",
        "case",
        "default",
        "length",
        "substr",
        "index",
        "split",
        "sub",
        "gsub",
        "match",
        "sprintf",
        "sin",
        "cos",
        "exp",
        "log",
        "sqrt",
        "int",
        "rand",
        "srand",
        "tolower",
        "toupper",
        "system",
        "close",
        "atan2",
        "fflush",
        "gensub",
        "strftime",
        "systime",
        "mktime",
        "and",
        "or",
        "xor",
        "compl",
        "lshift",
        "rshift",
        "strtonum",
        "asort",
        "asorti",
        "patsplit",
        "nextfile",
        "typeof",
        "isarray",
        "dcgettext",
        "dcngettext",
        "bindtextdomain",
        "mkbool",
    ];
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !words.contains(&name)
}

/// A pattern of awk.
pub(super) fn pattern(text: &str) -> Option<Pattern> {
    let syntax = Syntax { extended: true, ignore_case: false, program: Kind::Awk };
    syntax::parse(text.as_bytes(), syntax)
}
