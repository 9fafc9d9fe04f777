//! As whom clients act, asked once for each set of credentials of a command.
//!
//! Kept no longer than the probes of one command run: a file that remembered it
//! could be written by whoever is asked about, and would then say what they like.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Identity, Job};

/// Answers by what says as whom a client acts.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(Arc<Mutex<Vec<Entry>>>);

/// Everything that says as whom a client acts, and the answer.
type Entry = (Vec<String>, Answer);

/// One answer, which several probes may wait for.
type Answer = Arc<OnceLock<Option<Identity>>>;

impl Known {
    /// The answer for a client with these words; `ask` is called by the first
    /// that wants to know, and the others wait for it.
    pub(super) fn identity(
        &self,
        job: &Job,
        client: &str,
        place: &[String],
        ask: impl FnOnce() -> Option<Identity>,
    ) -> Option<Identity> {
        // A variable that is not known makes every question fail.
        let variables = job.variables().ok()?;
        let mut key = vec![client.to_owned(), job.cwd.to_string_lossy().into_owned()];
        key.extend(place.iter().cloned());
        // No word holds a NUL.
        key.push("\0".to_owned());
        key.extend(variables.iter().map(|(name, value)| format!("{name}={value}")));
        self.answer(key).get_or_init(ask).clone()
    }

    fn answer(&self, key: Vec<String>) -> Answer {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, answer)) = all.iter().find(|(known, _)| *known == key) {
            return Arc::clone(answer);
        }
        let answer = Answer::default();
        all.push((key, Arc::clone(&answer)));
        answer
    }
}
