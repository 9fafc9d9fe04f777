//! Here-documents: the delimiter, and the body after the next newline.

use super::cursor::{Fault, Lexer};
use super::scan::Inside;
use super::token::{Kind, Piece, PieceKind};

/// A here-document whose body has not been read.
#[derive(Debug)]
pub(super) struct Pending {
    /// The line that ends it.
    delimiter: String,
    /// No part of the delimiter is quoted: the body is expanded.
    expanded: bool,
    /// `<<-`.
    strip: bool,
    /// Index of the body's token.
    token: usize,
}

impl Lexer<'_> {
    /// The tokens of a here-document: delimiter, body and closing delimiter.
    pub(super) fn note_delimiter(
        &mut self,
        pieces: Vec<Piece>,
        strip: bool,
        at: usize,
    ) -> Result<(), Fault> {
        let end = self.pos;
        self.push(Kind::Word(Vec::new()), at)?;
        self.note_document(&pieces, strip)?;
        if let Some(token) = self.tokens.last_mut() {
            token.kind = Kind::Word(pieces);
        }
        self.push(Kind::Body(Vec::new()), end)?;
        self.push(Kind::BodyEnd, end)
    }

    /// Notes a here-document; its body's token must be the next one.
    fn note_document(&mut self, pieces: &[Piece], strip: bool) -> Result<(), Fault> {
        let at = pieces.first().map_or(self.pos, |piece| piece.start);
        let mut delimiter = String::new();
        let mut expanded = true;
        for piece in pieces {
            match &piece.kind {
                PieceKind::Literal(text) | PieceKind::Pattern(text) => delimiter.push_str(text),
                PieceKind::Quoted(text) => {
                    expanded = false;
                    delimiter.push_str(text);
                }
                PieceKind::Double(inner) => {
                    expanded = false;
                    for piece in inner {
                        let PieceKind::Quoted(text) = &piece.kind else {
                            return Err(self.syntax(at, "a here-document's delimiter is unusual"));
                        };
                        delimiter.push_str(text);
                    }
                }
                _ => return Err(self.syntax(at, "a here-document's delimiter is unusual")),
            }
        }
        // bash never finds such a delimiter; other shells differ.
        if delimiter.contains('\n') {
            return Err(self.syntax(at, "a here-document's delimiter is unusual"));
        }
        self.documents.push(Pending { delimiter, expanded, strip, token: self.tokens.len() });
        Ok(())
    }

    /// Reads the bodies that start at the position, just after a newline.
    pub(super) fn read_documents(&mut self) -> Result<(), Fault> {
        if self.outer_documents > 0 {
            // Shells disagree on which lines belong to the document then.
            return Err(self.syntax(
                self.pos,
                "a substitution over several lines stands between `<<` and its document",
            ));
        }
        for pending in std::mem::take(&mut self.documents) {
            let start = self.pos;
            let (body_end, after) = self.find_end(&pending);
            let pieces = self.document(&pending, body_end)?;
            if let Some(token) = self.tokens.get_mut(pending.token) {
                token.kind = Kind::Body(pieces);
                token.start = start;
                token.end = body_end;
            }
            self.pos = after;
            self.check_fuel()?;
        }
        Ok(())
    }

    /// The end of the body and the start of what follows the delimiter. The
    /// end of the text ends a body too, as in bash.
    fn find_end(&mut self, pending: &Pending) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let mut line_start = self.pos;
        while line_start < self.end {
            let rest = bytes.get(line_start..self.end).unwrap_or_default();
            let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            self.meter.fuel = self.meter.fuel.saturating_sub(length + 1);
            let tabs = line.iter().take_while(|b| pending.strip && **b == b'\t').count();
            if line.get(tabs..) == Some(pending.delimiter.as_bytes()) {
                return (line_start, (line_start + length + 1).min(self.end));
            }
            let mut next = line_start + length + 1;
            // Where the body is expanded, a backslash joins the next line to
            // this one, so that the next one cannot be the delimiter.
            let mut joined = pending.expanded && ends_with_odd_backslashes(line);
            while joined && next < self.end {
                let rest = bytes.get(next..self.end).unwrap_or_default();
                let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                joined = ends_with_odd_backslashes(rest.get(..length).unwrap_or_default());
                self.meter.fuel = self.meter.fuel.saturating_sub(length + 1);
                next += length + 1;
            }
            line_start = next;
        }
        (self.end, self.end)
    }

    fn document(&mut self, pending: &Pending, body_end: usize) -> Result<Vec<Piece>, Fault> {
        let start = self.pos;
        if pending.expanded {
            let end = std::mem::replace(&mut self.end, body_end);
            let pieces = self.inside(Inside::document(pending.strip));
            self.end = end;
            return pieces;
        }
        let body = self.text.get(start..body_end).unwrap_or_default();
        let text = if pending.strip {
            body.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
        } else {
            body.to_owned()
        };
        Ok(vec![Piece { kind: PieceKind::Quoted(text), start, end: body_end }])
    }
}

fn ends_with_odd_backslashes(line: &[u8]) -> bool {
    line.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}
