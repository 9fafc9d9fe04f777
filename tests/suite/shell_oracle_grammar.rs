//! The grammar of the texts that `shell_oracle_words` compares.

use std::fmt::Write as _;

/// Draws texts; the same seed draws the same ones.
pub(crate) struct Grammar {
    state: u64,
}

const NAMES: &[&str] = &["V", "W", "E", "P", "L", "N", "M", "1", "2", "3", "U", "UE", "UP", "D"];
const NUMBERS: &[&str] = &["N", "M", "K", "E"];
const PLAIN: &[&str] = &["a", "b", "c", "x", "/", ".", "-", "_", "1", "0", "B", ":", "=", ","];
const VALUES: &[&str] = &[
    "''",
    "a",
    "'a b'",
    "/srv/lib/x.tar.gz",
    "'  lead trail '",
    "a:b::c",
    "':x:'",
    "aXbXc",
    "'*'",
    "abcabc",
    "aaa",
    "'a\tb'",
    "'[a]'",
    "-n",
    "$'q\\'s'",
    "a/b/",
    "ABC",
    "' : '",
    "'a : b'",
    "W",
    "'\\\\a'",
    "a,b",
];
const SEPARATORS: &[&str] = &["' '", ":", "': '", "''", "$' \\t\\n'", ",", "x", "'/ '", "1"];

impl Grammar {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    fn below(&mut self, count: usize) -> usize {
        // xorshift64*
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let drawn = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap() % count
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// A setup, and a `printf` of generated words and of what they may assign.
    pub(crate) fn text(&mut self) -> String {
        let mut text = "set -f; ".to_owned();
        for name in ["V", "W", "P", "L"] {
            let value = self.pick(VALUES);
            let _ = write!(text, "{name}={value}; ");
        }
        let value =
            self.pick(&["/srv/$U/file.txt", "$U", "a$US", "$UP/x/y", "pre-$UE-post", "$UG.b"]);
        let _ = write!(text, "E=; D=\"{value}\"; ");
        let (n, m) = (self.below(12), self.below(5));
        let k = self.pick(&["N+1", "M", "7", "-3", "0x1f", "M*N", "' 2 '"]);
        let _ = write!(text, "N={n}; M={m}; K={k}; ");
        let count = self.below(4);
        let elements: Vec<&str> = (0..count).map(|_| self.pick(VALUES)).collect();
        let _ = write!(text, "A=({}); ", elements.join(" "));
        let count = self.below(4);
        let parameters: Vec<&str> = (0..count).map(|_| self.pick(VALUES)).collect();
        let _ = write!(text, "set -- {}; ", parameters.join(" "));
        if self.one_in(2) {
            let separators = self.pick(SEPARATORS);
            let _ = write!(text, "IFS={separators}; ");
        }
        let words: Vec<String> = (0..=self.below(2)).map(|_| self.word()).collect();
        let words = words.join(" ");
        if self.one_in(6) {
            let word = self.pieces(3, false);
            let _ = write!(text, "R={word}; printf '=%s\\0' \"$R\" $R ");
        } else {
            let _ = write!(text, "printf '=%s\\0' {words} ");
        }
        text + "\"$V\" \"$E\" \"$N\""
    }

    fn word(&mut self) -> String {
        if self.one_in(4) { self.braces(2) } else { self.pieces(2, false) }
    }

    fn braces(&mut self, depth: usize) -> String {
        let inner = |grammar: &mut Self| {
            if depth > 0 && grammar.one_in(3) {
                grammar.braces(depth - 1)
            } else {
                grammar.pieces(1, false)
            }
        };
        let (front, back) = (inner(self), inner(self));
        let middle = match self.below(7) {
            0 => format!("{{{}..{}}}", self.signed(12), self.signed(12)),
            1 => format!("{{{}..{}..{}}}", self.signed(12), self.signed(12), self.signed(5)),
            2 => format!("{{0{}..{}}}", self.below(9), 8 + self.below(4)),
            3 => {
                let (from, to) = (self.pick(&["a", "c", "x"]), self.pick(&["a", "e", "z"]));
                format!("{{{from}..{to}..{}}}", self.signed(4))
            }
            4 => format!("{{{}", inner(self)),
            _ => {
                let members: Vec<String> = (0..=self.below(3)).map(|_| inner(self)).collect();
                format!("{{{}}}", members.join(","))
            }
        };
        if self.one_in(2) { format!("{front}{middle}") } else { format!("{middle}{back}") }
    }

    fn signed(&mut self, most: usize) -> i64 {
        let number = i64::try_from(self.below(most + 1)).unwrap();
        if self.one_in(3) { -number } else { number }
    }

    /// Pieces in a row; `quoted`: inside double quotes.
    fn pieces(&mut self, depth: usize, quoted: bool) -> String {
        (0..=self.below(3)).map(|_| self.piece(depth, quoted)).collect()
    }

    fn piece(&mut self, depth: usize, quoted: bool) -> String {
        match self.below(if quoted { 9 } else { 15 }) {
            0 | 1 => self.plain(),
            2..=5 => self.parameter(depth, quoted),
            6 => format!("$(({}))", self.arithmetic(2)),
            7 => self
                .pick(&["$(echo a b)", "`echo c`", "$(printf '%s' 'x  y')", "$(echo '*')"])
                .into(),
            8 => format!("\\{}", self.pick(&["$", "\"", "\\", "`", "a", "*", "}"])),
            9 => {
                let inner = self.pick(&["", "a b", "*", "$V", "a\"b", "~", "{a,b}", "\\"]);
                format!("'{inner}'")
            }
            10 | 11 if depth > 0 => {
                let dollar = if self.one_in(12) { "$" } else { "" };
                format!("{dollar}\"{}\"", self.pieces(depth - 1, true))
            }
            10 | 11 => "\"\"".to_owned(),
            12 => self.ansi(),
            13 => self.pick(&["~", "~/x", "*", "?", "[a-c]", "a*", "[!x]b"]).into(),
            _ => format!("\\{}", self.pick(&[" ", "a", "*", "'", "~", "{", ",", "[", ";", "&"])),
        }
    }

    fn plain(&mut self) -> String {
        (0..=self.below(3)).map(|_| self.pick(PLAIN)).collect()
    }

    fn ansi(&mut self) -> String {
        const PARTS: &[&str] = &[
            "\\n",
            "\\t",
            "\\x41",
            "\\x7",
            "\\101",
            "\\60",
            "\\u00e9",
            "\\u41",
            "\\U0001f600",
            "\\\\",
            "\\'",
            "\\\"",
            "\\e",
            "\\ca",
            "\\cZ",
            "\\c?",
            "a",
            " ",
            "*",
            "\\?",
            "\\q",
            "$V",
        ];
        let parts: String = (0..=self.below(3)).map(|_| self.pick(PARTS)).collect();
        format!("$'{parts}'")
    }

    fn parameter(&mut self, depth: usize, quoted: bool) -> String {
        let name = match self.below(12) {
            0 => {
                return self
                    .pick(&["$@", "$*", "$#", "${#@}", "${#A[@]}", "${!A[@]}", "${!A[*]}"])
                    .into();
            }
            1 => "A[@]".to_owned(),
            2 => "A[*]".to_owned(),
            3 => format!("A[{}]", self.pick(&["0", "1", "M", "N-N", "-1", "$M", "M+1"])),
            4 => self.pick(&["@", "*"]).to_owned(),
            5 => {
                let name = self.pick(NAMES);
                return format!("${name}");
            }
            6 => {
                let name = self.pick(NAMES);
                return format!("${{#{name}}}");
            }
            7 => format!("!{}", self.pick(&["Q", "V", "1", "#"])),
            _ => self.pick(NAMES).to_owned(),
        };
        if depth == 0 || self.one_in(5) {
            return format!("${{{name}}}");
        }
        let operator = self.operator(depth - 1, quoted);
        format!("${{{name}{operator}}}")
    }

    fn operator(&mut self, depth: usize, quoted: bool) -> String {
        match self.below(12) {
            0..=2 => {
                let operator = self.pick(&[":-", "-", ":+", "+", ":=", "=", ":?", "?", ":-", ":+"]);
                format!("{operator}{}", self.argument(depth, quoted))
            }
            3..=5 => format!("{}{}", self.pick(&["#", "##", "%", "%%"]), self.pattern()),
            6 | 7 => {
                let operator = self.pick(&["/", "//", "/#", "/%"]);
                let pattern = self.pattern();
                if self.one_in(4) {
                    return format!("{operator}{pattern}");
                }
                let with =
                    self.pick(&["-", "", "$W", "\"$W\"", "'b c'", "xy", "/", "$U", "\\&", "a/b"]);
                format!("{operator}{pattern}/{with}")
            }
            8 => {
                let operator = self.pick(&["^", "^^", ",", ",,", "~", "~~"]);
                let pattern =
                    if self.one_in(2) { self.pick(&["a", "[a-c]", "?", "[!b]", "*"]) } else { "" };
                format!("{operator}{pattern}")
            }
            9 => format!("@{}", self.pick(&["Q", "U", "L", "u", "E"])),
            _ => {
                let from = self
                    .pick(&["0", "1", "2", " -1", " -2", "$M", "M", "N-M", "M+1", "(M)", " -M"]);
                let count = self.pick(&["", ":0", ":1", ":2", ":M", ":$N", ":-1", ": -1", ":9"]);
                format!(":{from}{count}")
            }
        }
    }

    /// The word behind `:-` and its kin.
    fn argument(&mut self, depth: usize, quoted: bool) -> String {
        (0..self.below(4))
            .map(|_| match self.below(9) {
                0 => " ".to_owned(),
                1 => "~".to_owned(),
                2 => self
                    .pick(&["'a b'", "\"a b\"", "\"$V\"", "\"\"", "''", "\"$@\"", "$*"])
                    .to_owned(),
                3 | 4 => self.plain(),
                _ => self.piece(depth, quoted),
            })
            .collect()
    }

    fn pattern(&mut self) -> String {
        (0..=self.below(3))
            .map(|_| {
                self.pick(&[
                    "a",
                    "b",
                    "x",
                    "X",
                    ".",
                    ":",
                    "*",
                    "?",
                    "[abc]",
                    "[!a-c]",
                    "[^/]",
                    "[[:alpha:]]",
                    "[[:space:]]",
                    "[]a]",
                    "[a",
                    "\\*",
                    "\"*\"",
                    "'?'",
                    "$W",
                    "\"$W\"",
                    "\\/",
                    "[-a]",
                    "[!]]",
                    "[\\]]",
                    "[a\\-c]",
                    " ",
                    "*.",
                    ".*",
                    "*\\/",
                    "\\/*",
                    "[/]",
                    "$E",
                    "[c-a]",
                    "[[:digit:]a]",
                    "tar",
                ])
            })
            .collect()
    }

    fn arithmetic(&mut self, depth: usize) -> String {
        const BINARY: &[&str] = &[
            "+", "-", "*", "/", "%", "**", "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "&", "|",
            "^", "&&", "||", ",", " + ", " - ",
        ];
        if depth == 0 {
            return match self.below(5) {
                0 => self.pick(NUMBERS).to_owned(),
                1 => format!("${}", self.pick(NUMBERS)),
                2 => self
                    .pick(&["0x1F", "010", "2#101", "36#z", "64#_", "A[0]", "${#V}", "T"])
                    .to_owned(),
                _ => self.below(9).to_string(),
            };
        }
        let left = self.arithmetic(depth - 1);
        match self.below(9) {
            0 => format!("({left})"),
            1 => format!("{}{left}", self.pick(&["-", "+", "!", "~", "- "])),
            2 => format!("{left}?{}:{}", self.arithmetic(depth - 1), self.arithmetic(0)),
            3 => {
                let name = self.pick(&["N", "M", "E"]);
                let operator = self.pick(&["=", "+=", "-=", "*=", "<<=", "|=", "%=", "^="]);
                format!("{name}{operator}{left}")
            }
            4 => self.pick(&["N++", "++N", "M--", "--M", "N++ + N", "N+++M"]).to_owned(),
            _ => {
                let operator = self.pick(BINARY);
                format!("{left}{operator}{}", self.arithmetic(depth - 1))
            }
        }
    }
}
