//! Where in a command the next token stands: enough of the grammar to know
//! reserved words, `case` patterns and what `)` closes.

/// An open compound command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Parenthesis,
    Brace,
    If,
    Loop,
    /// `for` or `select` in front of its `do`.
    For,
    /// `for ..; { .. }`, which bash takes for `do .. done`.
    BraceLoop,
    /// The flag: a pattern comes next, not a command.
    Case(bool),
    Test,
    Coprocess,
}

/// What the last tokens make of the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing special.
    Ordinary,
    /// The name after `for` or `select`, then `in` or `do`.
    LoopName,
    LoopIn,
    /// The word after `case`, then `in`.
    CaseWord,
    CaseIn,
    /// The name after `function`.
    FunctionName,
    /// The options of `time`.
    TimeOption,
    /// The command or name after `coproc`.
    Coprocess,
    /// The target of a redirection.
    Redirection,
    /// The delimiter of a here-document; the flag: tabs are stripped.
    Delimiter(bool),
    /// The right side of `=~`.
    Regex,
}

/// The state between two tokens of one list.
#[derive(Debug)]
pub(super) struct State {
    pub stack: Vec<Open>,
    pub next: Next,
    /// A reserved word is recognised here.
    pub reserved: bool,
    /// An assignment is recognised here.
    pub assignment: bool,
    /// Operators in the current `[[ ]]`.
    pub test_operators: usize,
    /// `case` constructs open.
    pub cases: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            stack: Vec::new(),
            next: Next::Ordinary,
            reserved: true,
            assignment: true,
            test_operators: 0,
            cases: 0,
        }
    }
}

impl State {
    pub(super) fn top(&self) -> Option<Open> {
        self.stack.last().copied()
    }

    pub(super) fn in_test(&self) -> bool {
        self.stack.iter().rev().find(|open| **open != Open::Parenthesis) == Some(&Open::Test)
    }

    pub(super) fn in_pattern(&self) -> bool {
        self.top() == Some(Open::Case(true))
    }

    /// What is open on top turns out to be something else.
    pub(super) fn replace_top(&mut self, open: Open) {
        if let Some(top) = self.stack.last_mut() {
            *top = open;
        }
    }

    /// Pops what a closing word closes, if it stands on top.
    pub(super) fn close(&mut self, wanted: impl Fn(Open) -> bool) -> bool {
        while self.top() == Some(Open::Coprocess) {
            self.stack.pop();
        }
        let closes = self.top().is_some_and(wanted);
        if closes {
            self.stack.pop();
        }
        closes
    }

    /// Switches a `case` between its patterns and its commands.
    pub(super) fn set_pattern(&mut self, pattern: bool) {
        while self.top() == Some(Open::Coprocess) {
            self.stack.pop();
        }
        if let Some(Open::Case(flag)) = self.stack.last_mut() {
            *flag = pattern;
        }
    }
}

/// Whether bash reads the word as a part of its grammar in command position.
pub(in crate::shell) fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "!" | "{"
            | "}"
            | "[["
            | "]]"
            | "case"
            | "coproc"
            | "do"
            | "done"
            | "elif"
            | "else"
            | "esac"
            | "fi"
            | "for"
            | "function"
            | "if"
            | "in"
            | "select"
            | "then"
            | "time"
            | "until"
            | "while"
    )
}
