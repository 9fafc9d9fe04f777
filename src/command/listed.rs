//! What is known of the words that a command is given from a search.
//!
//! `find DIR -name '*.o' | xargs rm` removes things below `DIR` whose names end
//! in `.o`, and nothing else. The item is not known, but that much is.

use super::wrapper::{self, Lists};
use crate::model::{Cause, Hole, Invocation, Opt, Part, Redirect, Stdin, Word};

/// A search with more starting points or names than this is not described.
const MAX_WORDS: usize = 8;

/// A search of more words than this is not described: it is read again for each
/// command that it starts.
const MAX_SEARCH: usize = 200;

/// More commands than this that feed one pipe are not looked at.
const MAX_FEEDS: usize = 50;

/// How many commands are looked at between a search and who is given its output.
const MAX_STEPS: usize = 8;

/// Puts what is known of their beginning and end to the words that come from a
/// search, and to items of any input what they are made of.
pub(crate) fn describe(all: &mut [Invocation]) {
    for index in 0..all.len() {
        let Some(invocation) = all.get(index) else { return };
        let values = invocation.options.iter().filter_map(|opt| opt.value.as_ref());
        let targets = invocation.redirects.iter().map(|redirect| &redirect.target);
        let mut words = invocation.operands.iter().chain(values).chain(targets);
        if !words.any(|word| item(word) || open(word).is_some()) {
            continue;
        }
        let source = source(invocation, all);
        let search = match &source {
            Some(Source::Search(search)) => Some(*search),
            Some(Source::Pipe(upstream)) => traced(upstream, all),
            None => None,
        };
        let upstream = match source {
            Some(Source::Pipe(upstream)) if upstream.len() <= MAX_FEEDS => upstream.to_vec(),
            _ => Vec::new(),
        };
        let known = |word: &Word| {
            let found = open(word).and_then(|(at, hole)| items(at, hole, word, search, all));
            found.unwrap_or_else(|| vec![word.clone()])
        };
        let mut words: Vec<Word> = invocation.operands.iter().flat_map(known).collect();
        let valued = |opt: &Opt| match &opt.value {
            Some(value) => known(value)
                .into_iter()
                .map(|word| Opt { value: Some(word), ..opt.clone() })
                .collect(),
            None => vec![opt.clone()],
        };
        let mut options: Vec<Opt> = invocation.options.iter().flat_map(valued).collect();
        let redirects: Vec<Redirect> = invocation
            .redirects
            .iter()
            .flat_map(|to| {
                known(&to.target).into_iter().map(|target| Redirect { target, ..to.clone() })
            })
            .collect();
        let values = options.iter_mut().filter_map(|opt| opt.value.as_mut());
        for part in words.iter_mut().chain(values).flat_map(|word| &mut word.parts) {
            if let Part::Hole(hole) = part
                && hole.cause == Cause::Input
                && hole.from.is_empty()
            {
                hole.from.clone_from(&upstream);
            }
        }
        if let Some(invocation) = all.get_mut(index) {
            invocation.operands = words;
            invocation.options = options;
            invocation.redirects = redirects;
        }
    }
}

fn item(word: &Word) -> bool {
    word.holes().any(|hole| hole.cause == Cause::Input && hole.from.is_empty())
}

/// The only hole of a word and its place, when it can be an item of a search:
/// all of the word, its beginning, or behind a known text (`file=@{}`).
fn open(word: &Word) -> Option<(usize, &Hole)> {
    let mut holes = word.parts.iter().enumerate().filter_map(|(at, part)| match part {
        Part::Hole(hole) => Some((at, hole)),
        Part::Text(_) | Part::Glob(_) => None,
    });
    let only = holes.next()?;
    let fits = matches!(only.1.cause, Cause::Input | Cause::CommandSubstitution);
    (fits && holes.next().is_none()).then_some(only)
}

/// The words that an item stands for: one for each starting point and name.
fn items(
    at: usize,
    hole: &Hole,
    word: &Word,
    search: Option<&Invocation>,
    all: &[Invocation],
) -> Option<Vec<Word>> {
    let search = match hole.cause {
        Cause::Input => search?,
        _ if word.parts.len() == 1 => traced(&hole.from, all)?,
        _ => return None,
    };
    if search.argv.len() > MAX_SEARCH {
        return None;
    }
    let lists = lists(search)?;
    if !lists.operands.is_empty() {
        let found = shown(search, &lists)?;
        return Some(
            found.iter().map(|(start, end)| described(start, end, at, hole, word)).collect(),
        );
    }
    let starts = starts(search)?;
    if let ([start], Some(name)) = (starts.as_slice(), single(search, &lists))
        && word.parts.len() == 1
    {
        return Some(vec![Word::text(format!("{start}(found)/({name})"), word.span)]);
    }
    // `{}.bak` already has an end.
    // A name says little of what is found anywhere on the machine.
    let anywhere = starts.iter().any(|start| start == "/");
    let last = at + 1 == word.parts.len() && !anywhere;
    let ends = if last { ends(search, &lists) } else { Vec::new() };
    let ends = if ends.is_empty() { vec![String::new()] } else { ends };
    if starts.len() * ends.len() > MAX_WORDS {
        return None;
    }
    let item = |start: &String, end: &String| described(start, end, at, hole, word);
    Some(starts.iter().flat_map(|start| ends.iter().map(move |end| item(start, end))).collect())
}

/// A word whose hole is an item with this beginning and end.
fn described(start: &str, end: &str, at: usize, hole: &Hole, word: &Word) -> Word {
    let before = word.parts.iter().take(at).cloned().collect();
    let mut out = Word { parts: before, span: word.span };
    out.push_text(start);
    let hole = Hole { cause: Cause::Input, ..hole.clone() };
    out.parts.push(Part::Hole(hole));
    out.parts.extend(word.parts.iter().skip(at + 1).cloned());
    out.push_text(if at + 1 == word.parts.len() { end } else { "" });
    out
}

/// The beginnings and ends of what `ls DIR/*.log` prints. A folder that fits would
/// be listed by the names in it: those have no end that says what they are.
fn shown(search: &Invocation, lists: &Lists) -> Option<Vec<(String, String)>> {
    let plain = search.options.iter().all(|opt| lists.operands.contains(&opt.name));
    let few = !search.operands.is_empty() && search.operands.len() <= MAX_WORDS;
    let found = |word: &Word| {
        word.parts.iter().any(|part| matches!(part, Part::Glob(_))).then_some(())?;
        let pattern = word.parts.iter().map(|part| match part {
            Part::Text(text) | Part::Glob(text) => Some(text.as_str()),
            Part::Hole(_) => None,
        });
        let pattern = pattern.collect::<Option<String>>()?;
        let known = pattern.find(['*', '?', '['])?;
        let folder = pattern.get(..known)?.rfind('/').map_or(0, |slash| slash + 1);
        let end = pattern.rfind(['*', '?', ']']).and_then(|at| pattern.get(at + 1..))?;
        let named = !end.is_empty() && !end.contains('/');
        named.then_some((pattern.get(..folder)?.to_owned(), end.to_owned()))
    };
    if plain && few { search.operands.iter().map(found).collect() } else { None }
}

/// Where the items of a command come from.
enum Source<'a> {
    /// The search that starts it.
    Search(&'a Invocation),
    /// The commands that feed what starts it.
    Pipe(&'a [usize]),
}

fn source<'a>(invocation: &Invocation, all: &'a [Invocation]) -> Option<Source<'a>> {
    let mut parent = invocation.parent;
    for _ in 0..MAX_STEPS {
        let around = all.get(parent?)?;
        let specs = around.program.as_deref().map(wrapper::lookup)?;
        if specs.iter().any(|spec| spec.lists.is_some()) {
            return Some(Source::Search(around));
        }
        if specs.iter().any(|spec| spec.appends || !spec.replace.is_empty()) {
            let Stdin::Pipe(upstream) = &around.stdin else { return None };
            return Some(Source::Pipe(upstream));
        }
        parent = around.parent;
    }
    None
}

/// The search at the beginning of a pipe of filters.
fn traced<'a>(from: &[usize], all: &'a [Invocation]) -> Option<&'a Invocation> {
    let mut from = from;
    for _ in 0..MAX_STEPS {
        // What a search or a filter starts itself does not come between.
        let [first, ..] = from else { return None };
        if from.len() > MAX_FEEDS {
            return None;
        }
        let invocation = all.get(*first)?;
        let own = |index: &usize| all.get(*index).is_some_and(|inv| inv.parent == Some(*first));
        if !from.iter().skip(1).all(own) {
            return None;
        }
        let specs = wrapper::lookup(invocation.program.as_deref()?);
        if specs.iter().any(|spec| spec.lists.is_some()) {
            // What is run for each item can print anything.
            return (from.len() == 1).then_some(invocation);
        }
        if !specs.iter().any(|spec| spec.filters) {
            return None;
        }
        let Stdin::Pipe(upstream) = &invocation.stdin else { return None };
        from = upstream;
    }
    None
}

fn lists(search: &Invocation) -> Option<Lists> {
    let specs = wrapper::lookup(search.program.as_deref()?);
    specs.iter().find_map(|spec| spec.lists.clone())
}

/// The starting points, each with a slash at its end. `None`: not all known.
fn starts(search: &Invocation) -> Option<Vec<String>> {
    if search.operands.is_empty() {
        return Some(vec!["./".to_owned()]);
    }
    let start = |word: &Word| {
        let text = word.as_static()?;
        // A name that looks like an expression is a mistake in the command.
        let plain = !text.is_empty() && !text.starts_with(['-', '(', '!', '\\']);
        plain.then(|| if text.ends_with('/') { text.to_owned() } else { format!("{text}/") })
    };
    search.operands.iter().map(start).collect()
}

/// The condition that holds for one file, or only for what has no content.
fn single(search: &Invocation, lists: &Lists) -> Option<String> {
    let words: Vec<&str> = search.argv.iter().map_while(Word::as_static).collect();
    if words.len() != search.argv.len()
        || words.iter().any(|word| lists.or.iter().chain(&lists.not).any(|known| known == word))
    {
        return None;
    }
    let meets = |known: &String| match known.split_once(' ') {
        Some((option, value)) => words.windows(2).any(|pair| *pair == [option, value]),
        None => words.iter().any(|word| known == word),
    };
    if lists.empty.iter().any(meets) {
        return Some("empty".to_owned());
    }
    let at = words.iter().position(|word| lists.single.iter().any(|known| known == word))?;
    Some(format!("{} {}", words.get(at)?.trim_start_matches('-'), words.get(at + 1)?))
}

/// What the names end with, one for each pattern; none when some path may have
/// another end.
fn ends(search: &Invocation, lists: &Lists) -> Vec<String> {
    let words: Vec<&str> =
        search.argv.iter().map(|word| word.as_static().unwrap_or_default()).collect();
    let is = |list: &[String], word: &&str| list.iter().any(|known| known == *word);
    // What is left out besides (`-not -path './x/*'`) makes the rest no larger; a
    // name in brackets that are turned around is none that all have.
    let turned = |at: usize, words: &[&str]| {
        at.checked_sub(1).and_then(|before| words.get(before)).is_some_and(|w| is(&lists.not, w))
    };
    let brackets = |(at, word): (usize, &&str)| {
        matches!(*word, "(" | "\\(") && turned(at, &words)
            || turned(at, &words) && is(&lists.not, word)
    };
    if words.iter().enumerate().any(brackets) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for branch in words.split(|word| is(&lists.or, word)) {
        let named = |(at, word): (usize, &&str)| is(&lists.names, word) && !turned(at, branch);
        let name = branch.iter().enumerate().position(named);
        let Some(pattern) = name.and_then(|at| branch.get(at + 1)) else { return Vec::new() };
        let Some(end) = end_of(pattern) else { return Vec::new() };
        out.push(end);
    }
    out
}

/// The known end of all names that fit a pattern: `.o` of `*.o`, `/core` of
/// `core`.
fn end_of(pattern: &str) -> Option<String> {
    let pattern = pattern.trim_end_matches("/*");
    if pattern.is_empty() {
        return None;
    }
    match pattern.rfind(['*', '?', ']']) {
        None => Some(format!("/{}", pattern.trim_start_matches("./"))),
        Some(at) => pattern.get(at + 1..).filter(|end| !end.is_empty()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::end_of;
    use crate::model::{Context, Word};
    use crate::{command, shell};

    #[test]
    fn the_end_of_a_pattern_is_what_every_name_ends_with() {
        for (pattern, end) in [
            ("*.pyc", Some(".pyc")),
            ("__pycache__", Some("/__pycache__")),
            ("*/node_modules/*", Some("/node_modules")),
            ("*.[ch]", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(end_of(pattern).as_deref(), end, "{pattern}");
        }
    }

    /// The operands of the last command that runs.
    fn given(text: &str) -> Vec<String> {
        let known = shell::Known::default();
        let resolved = command::resolve(
            shell::read(text, &known),
            &Context::neutral(),
            &command::grammar::own::BuiltIn,
            &command::NoFiles,
        );
        let last = resolved.invocations.iter().rfind(|inv| inv.program.as_deref() == Some("rm"));
        last.map(|inv| inv.operands.iter().map(Word::display).collect()).unwrap_or_default()
    }

    #[test]
    fn what_a_search_hands_on_keeps_its_folder_and_its_name() {
        for (text, operands) in [
            ("find . -name '*.o' -exec rm {} +", &["./{}.o"][..]),
            ("find src lib -name '*.o' | xargs rm", &["src/{}.o", "lib/{}.o"][..]),
            ("find /srv -type f -print0 | sort -z | xargs -0 -n1 rm -f", &["/srv/{}"][..]),
            ("find . \\( -name a -o -name b \\) -exec rm {} \\;", &["./{}/a", "./{}/b"][..]),
            ("find . -name a -not -path './v/*' -exec rm {} +", &["./{}/a"][..]),
            ("find . ! -path './v/*' -name '*.o' -exec rm {} +", &["./{}.o"][..]),
            ("find . -inum 12 -exec rm {} \\;", &["./(found)/(inum 12)"][..]),
            ("find . -empty -exec rm {} +", &["./(found)/(empty)"][..]),
            ("find . -size 0 -exec rm {} +", &["./(found)/(empty)"][..]),
            ("find . -name '*.o' -exec rm {}.d \\;", &["./{}.d"][..]),
            ("ls -t a/b/*.d | tail -5 | xargs rm -f", &["a/b/{}.d"][..]),
            ("ls *.o x/y*.d | xargs rm", &["{}.o", "x/{}.d"][..]),
            ("ls -l a/*.d | xargs rm", &["{}"][..]),
            ("ls a | xargs rm", &["{}"][..]),
            ("ls a/* | xargs rm", &["{}"][..]),
        ] {
            assert_eq!(given(text), operands, "{text}");
        }
    }

    #[test]
    fn a_name_that_need_not_hold_is_not_kept() {
        for (text, operands) in [
            ("find . ! -name '*.o' -exec rm {} +", &["./{}"][..]),
            ("find . ! \\( -name a \\) -exec rm {} +", &["./{}"][..]),
            ("find . -not ! -name a -exec rm {} +", &["./{}"][..]),
            ("find . -name a -o ! -name b -exec rm {} +", &["./{}"][..]),
            ("find . -name '*.o' -o -type f -exec rm {} +", &["./{}"][..]),
            ("find \"$D\" -name '*.o' -exec rm {} +", &["{}"][..]),
            ("find . -name '*.o' | sed 's/o$/c/' | xargs rm", &["{}"][..]),
            ("find . -name '*.o' -exec cat {} + | xargs rm", &["{}"][..]),
            ("cat list | xargs rm", &["{}"][..]),
        ] {
            assert_eq!(given(text), operands, "{text}");
        }
    }
}
