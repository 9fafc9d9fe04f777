//! Imports: which local names stand for which modules and members.

use super::cursor::Cursor;
use super::lex::Token;
use super::reader::Reader;
use super::value::Value;

impl Reader<'_> {
    /// `import a.b as c, d`, `import {a as b} from 'c'`, `import a from 'c'`.
    pub(super) fn import(&mut self, t: &mut Cursor<'_>) {
        if let Some(Token::Text(_)) = t.peek() {
            return;
        }
        let mut whole: Vec<String> = Vec::new();
        let mut parts: Vec<(String, String)> = Vec::new();
        let mut braces = false;
        while let Some(token) = t.peek() {
            match token {
                Token::Op("{") => braces = true,
                Token::Op("}") => braces = false,
                Token::Op("*" | ",") => {}
                Token::Newline if braces => {}
                Token::Name(word) if word == "from" => {
                    t.next();
                    let module = match t.peek() {
                        Some(Token::Text(_)) => self.value(t),
                        _ => Value::Unknown,
                    };
                    let module = self.module(&module);
                    for name in &whole {
                        self.set(name, module.clone());
                    }
                    for (name, local) in &parts {
                        let member = self.member(&module, name);
                        self.set(local, member);
                    }
                    return;
                }
                Token::Name(first) => {
                    let (name, local) = alias(t, first);
                    if braces {
                        parts.push((name, local));
                    } else {
                        if local != first.as_str() || !name.contains('.') {
                            self.set(&local, Value::path(&name));
                        }
                        whole.push(local);
                    }
                    continue;
                }
                _ => return,
            }
            t.next();
        }
    }

    /// `from a.b import c as d, e`
    pub(super) fn import_from(&mut self, t: &mut Cursor<'_>) {
        let Some(first) = t.name_ahead(0) else { return };
        let (module, _) = alias(t, first);
        if t.name_ahead(0) != Some("import") {
            return;
        }
        t.next();
        let mut parens = false;
        while let Some(token) = t.peek() {
            match token {
                Token::Op("(") => parens = true,
                Token::Op(")") => parens = false,
                Token::Op(",") => {}
                Token::Newline if parens => {}
                Token::Op("*") => self.stars.push(module.clone()),
                Token::Name(first) => {
                    let (name, local) = alias(t, first);
                    self.set(&local, Value::path(&format!("{module}.{name}")));
                    continue;
                }
                _ => return,
            }
            t.next();
        }
    }
}

/// `a.b as c`: the whole name and the local one.
fn alias(t: &mut Cursor<'_>, first: &str) -> (String, String) {
    let mut name = first.to_owned();
    t.next();
    while t.is_op(".") && name.len() < 200 {
        t.next();
        if let Some(part) = t.name_ahead(0) {
            name = format!("{name}.{part}");
            t.next();
        }
    }
    if t.name_ahead(0) == Some("as")
        && let Some(local) = t.name_ahead(1)
    {
        t.next();
        t.next();
        return (name, local.to_owned());
    }
    (name, first.to_owned())
}
