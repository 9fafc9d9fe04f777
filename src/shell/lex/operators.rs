//! The main loop: operators, comments and the place of each word.

use super::cursor::{Fault, Lexer};
use super::state::{Next, Open, State};
use super::token::{Kind, Piece, PieceKind, Token, assignment, plain};
use super::words::Position;
use crate::shell::limits;

/// All operators, longer ones before their prefixes.
const OPERATORS: &[&str] = &[
    "&>>", ";;&", "<<<", "<<-", "&&", "||", ";;", ";&", "|&", "&>", "<<", "<&", "<>", ">>", ">&",
    ">|", ";", "&", "|", "<", ">", "(", ")",
];

impl Lexer<'_> {
    /// Cuts tokens up to the closing byte, which is passed, or to the end.
    pub(super) fn run(&mut self, close: Option<u8>) -> Result<Vec<Token>, Fault> {
        let mut state = State::default();
        let depth = self.meter.depth;
        let start = self.pos;
        loop {
            self.check_fuel()?;
            let at = self.pos;
            match self.peek() {
                None if close.is_some() => {
                    return Err(self.syntax(start, "a substitution is never closed"));
                }
                None => {
                    self.read_documents()?;
                    break;
                }
                Some(b' ' | b'\t') => {
                    self.take_while(|b| b == b' ' || b == b'\t');
                }
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.bump(2),
                Some(b'#') => {
                    self.take_while(|b| b != b'\n');
                }
                Some(b'\n') => self.newline(&mut state)?,
                Some(b')') if close.is_some() && self.closes_body(&mut state)? => {
                    if !self.documents.is_empty() {
                        return Err(self.syntax(at, "a here-document has no body"));
                    }
                    self.bump(1);
                    break;
                }
                Some(b'<' | b'>') if self.peek_at(1) == Some(b'(') => {
                    self.next_word(&mut state)?;
                }
                Some(b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>') => {
                    self.operator(&mut state)?;
                }
                Some(_) => self.next_word(&mut state)?,
            }
            debug_assert!(self.pos > at, "every round passes a byte");
        }
        let end = self.pos;
        self.push(Kind::Operator("\n"), end)?;
        self.meter.depth = depth;
        Ok(std::mem::take(&mut self.tokens))
    }

    pub(super) fn push(&mut self, kind: Kind, start: usize) -> Result<(), Fault> {
        self.meter.tokens += 1;
        if self.meter.tokens > limits::MAX_TOKENS {
            return Err(self.limit("The command has too many words"));
        }
        self.tokens.push(Token { kind, start, end: self.pos, descriptor: false });
        Ok(())
    }

    pub(super) fn open(&mut self, state: &mut State, open: Open) -> Result<(), Fault> {
        state.stack.push(open);
        self.enter()
    }

    fn close(&mut self, state: &mut State, wanted: impl Fn(Open) -> bool) -> bool {
        let before = state.stack.len();
        let closed = state.close(wanted);
        for _ in state.stack.len()..before {
            self.leave();
        }
        closed
    }

    fn newline(&mut self, state: &mut State) -> Result<(), Fault> {
        let at = self.pos;
        self.bump(1);
        self.push(Kind::Operator("\n"), at)?;
        if !self.documents.is_empty() {
            self.read_documents()?;
        } else if self.outer_documents > 0 {
            return self.read_documents();
        }
        if !matches!(state.next, Next::LoopIn | Next::CaseIn) {
            state.next = Next::Ordinary;
        }
        state.reserved = true;
        state.assignment = true;
        Ok(())
    }

    /// Whether the `)` at the position ends the substitution around the list.
    fn closes_body(&mut self, state: &mut State) -> Result<bool, Fault> {
        while state.top() == Some(Open::Coprocess) {
            state.stack.pop();
            self.leave();
        }
        match state.top() {
            None => Ok(true),
            Some(Open::Parenthesis | Open::Case(true)) => Ok(false),
            Some(_) => Err(self.syntax(self.pos, "`)` stands where a command is still open")),
        }
    }

    fn operator(&mut self, state: &mut State) -> Result<(), Fault> {
        let at = self.pos;
        let rest = self.text.as_bytes().get(at..self.end).unwrap_or_default();
        let Some(operator) = OPERATORS.iter().find(|op| rest.starts_with(op.as_bytes())) else {
            return Err(self.syntax(at, "an operator is not known"));
        };
        if *operator == "(" {
            return self.opening(state);
        }
        self.bump(operator.len());
        if state.in_test() {
            state.test_operators += 1;
            if state.test_operators > limits::MAX_TEST_OPERATORS {
                return Err(self.limit("The command has too many conditions"));
            }
        }
        match *operator {
            ")" => {
                if state.in_pattern() {
                    state.set_pattern(false);
                } else {
                    self.close(state, |open| open == Open::Parenthesis);
                }
            }
            ";;" | ";&" | ";;&" => state.set_pattern(true),
            _ => {}
        }
        let redirects = operator.contains(['<', '>']) && !state.in_test();
        if redirects {
            self.mark_descriptor(at);
        }
        self.push(Kind::Operator(operator), at)?;
        state.next = match *operator {
            "<<" if redirects => Next::Delimiter(false),
            "<<-" if redirects => Next::Delimiter(true),
            _ if redirects => Next::Redirection,
            _ => Next::Ordinary,
        };
        state.reserved = !redirects;
        state.assignment |= !redirects;
        Ok(())
    }

    /// A number or `{name}` directly in front of a redirection.
    fn mark_descriptor(&mut self, at: usize) {
        let Some(token) = self.tokens.last_mut() else { return };
        let Kind::Word(pieces) = &token.kind else { return };
        let Some(text) = plain(pieces) else { return };
        if token.end != at {
            return;
        }
        if text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()) {
            token.descriptor = true;
        } else if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
            && super::is_name(name)
        {
            self.tokens.pop();
        }
    }

    fn next_word(&mut self, state: &mut State) -> Result<(), Fault> {
        let at = self.pos;
        let pieces = self.word(Position {
            assignment: state.assignment && !state.in_pattern() && !state.in_test(),
            extended: self.options.extended || state.in_test(),
            regex: state.next == Next::Regex,
        })?;
        if pieces.is_empty() {
            // Only line continuations.
            return Ok(());
        }
        let text = plain(&pieces).unwrap_or_default();
        let next = std::mem::replace(&mut state.next, Next::Ordinary);
        let mut seen = Seen::Yes;
        if let Next::Delimiter(strip) = next {
            self.note_delimiter(pieces, strip, at)?;
            return Ok(());
        }
        if next == Next::Redirection || next == Next::Regex {
            state.reserved = false;
        } else if state.in_test() {
            self.test_word(state, text)?;
        } else if state.in_pattern() {
            if text == "esac"
                && !self.tokens.last().is_some_and(|token| token.is_operator("("))
                && !self.tokens.last().is_some_and(|token| token.is_operator("|"))
            {
                self.close(state, |open| matches!(open, Open::Case(_)));
                state.cases = state.cases.saturating_sub(1);
                state.reserved = true;
            }
        } else {
            seen = self.command_word(state, next, text, &pieces)?;
        }
        match seen {
            Seen::Yes => self.push(Kind::Word(pieces), at),
            Seen::No => Ok(()),
            Seen::As(word) => {
                let kind = PieceKind::Literal(word.to_owned());
                self.push(Kind::Word(vec![Piece { kind, start: at, end: self.pos }]), at)
            }
        }
    }

    fn test_word(&mut self, state: &mut State, text: &str) -> Result<(), Fault> {
        match text {
            "]]" if state.top() == Some(Open::Test) => {
                self.close(state, |open| open == Open::Test);
                state.reserved = true;
            }
            "=~" => state.next = Next::Regex,
            // Each one is a level of the grammar's recursion.
            "!" => {
                state.test_operators += limits::MAX_TEST_OPERATORS / limits::MAX_DEPTH;
                if state.test_operators > limits::MAX_TEST_OPERATORS {
                    return Err(self.limit("The command has too many conditions"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A word of a command; returns what the grammar sees of it.
    fn command_word(
        &mut self,
        state: &mut State,
        next: Next,
        text: &str,
        pieces: &[Piece],
    ) -> Result<Seen, Fault> {
        match next {
            Next::LoopName => {
                state.next = Next::LoopIn;
                state.reserved = false;
                return Ok(Seen::Yes);
            }
            Next::LoopIn if text == "in" => {
                state.reserved = false;
                state.assignment = false;
                return Ok(Seen::Yes);
            }
            Next::CaseWord => {
                state.next = Next::CaseIn;
                state.reserved = false;
                return Ok(Seen::Yes);
            }
            Next::CaseIn if text == "in" => {
                state.cases += 1;
                if state.cases > limits::MAX_CASE_DEPTH {
                    return Err(self.limit("The command nests too many `case`s"));
                }
                self.open(state, Open::Case(true))?;
                return Ok(Seen::Yes);
            }
            Next::FunctionName => {
                state.reserved = true;
                return Ok(Seen::Yes);
            }
            Next::TimeOption if text == "--" => {
                state.reserved = true;
                return Ok(Seen::No);
            }
            Next::TimeOption if text == "-p" => {
                state.next = Next::TimeOption;
                state.reserved = true;
                return Ok(Seen::Yes);
            }
            Next::LoopIn if text == "do" => state.reserved = true,
            _ => {}
        }
        if state.reserved && super::is_reserved(text) && text != "in" {
            return self.reserved_word(state, text);
        }
        if state.reserved || state.assignment {
            self.count_command()?;
        }
        // `coproc NAME {`: a reserved word may follow the name.
        state.reserved = next == Next::Coprocess;
        state.assignment = state.assignment && assignment(pieces).is_some();
        Ok(Seen::Yes)
    }

    fn count_command(&mut self) -> Result<(), Fault> {
        self.meter.commands += 1;
        if self.meter.commands > 2 * limits::MAX_COMMANDS {
            return Err(self.limit("The text holds too many commands"));
        }
        Ok(())
    }

    fn reserved_word(&mut self, state: &mut State, text: &str) -> Result<Seen, Fault> {
        state.reserved = true;
        state.assignment = true;
        match text {
            "if" => self.open(state, Open::If)?,
            "while" | "until" => self.open(state, Open::Loop)?,
            "for" | "select" => {
                self.open(state, Open::For)?;
                state.next = Next::LoopName;
                state.reserved = false;
            }
            "do" if state.top() == Some(Open::For) => state.replace_top(Open::Loop),
            "{" if state.top() == Some(Open::For) => {
                state.replace_top(Open::BraceLoop);
                return Ok(Seen::As("do"));
            }
            "}" if state.top() == Some(Open::BraceLoop) => {
                self.close(state, |open| open == Open::BraceLoop);
                return Ok(Seen::As("done"));
            }
            "{" => self.open(state, Open::Brace)?,
            "[[" => {
                state.test_operators = 0;
                self.open(state, Open::Test)?;
            }
            "case" => {
                state.next = Next::CaseWord;
                state.reserved = false;
            }
            "function" => {
                state.next = Next::FunctionName;
                state.reserved = false;
            }
            "time" => state.next = Next::TimeOption,
            "coproc" => {
                self.open(state, Open::Coprocess)?;
                state.next = Next::Coprocess;
            }
            "fi" => {
                self.close(state, |open| open == Open::If);
            }
            "done" => {
                self.close(state, |open| open == Open::Loop);
            }
            "}" => {
                self.close(state, |open| open == Open::Brace);
            }
            "esac" if self.close(state, |open| matches!(open, Open::Case(_))) => {
                state.cases = state.cases.saturating_sub(1);
                // The last item may end without `;;`; with one the grammar
                // need not try it twice.
                let at = self.pos;
                self.push(Kind::Operator(";;"), at)?;
            }
            _ => {}
        }
        Ok(Seen::Yes)
    }
}

/// What the grammar sees of a word.
enum Seen {
    Yes,
    No,
    /// This word in its place.
    As(&'static str),
}
