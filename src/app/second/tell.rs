//! Telling people about a request.

use crate::app::session::Session;
use crate::notify::{self, Message, Sending};
use crate::second::display::quorum;
use crate::second::request::AnsweredBy;
use crate::second::terms::Event;
use crate::second::{Request, handle};

/// Sends what policy wants to be sent.
pub(super) fn tell(
    session: &Session,
    event: Event,
    (request, bytes): (&Request, &[u8]),
    shown: &str,
    decision: Option<(String, String)>,
) -> Sending {
    if session.policy.notify.is_empty() {
        return Sending::default();
    }
    let who = match &request.requester.agent {
        Some(agent) => format!("{} ({})", request.requester.user, agent.name),
        None => request.requester.user.clone(),
    };
    let needs = match request.answered_by() {
        AnsweredBy::Operator => "the operator".to_owned(),
        AnsweredBy::SecondHuman => request.quorums().map(quorum).collect::<Vec<_>>().join("; and "),
    };
    let message = Message {
        event,
        handle: handle(bytes),
        request: request.id.clone(),
        tier: request.policy.tier.clone(),
        host: request.host.name.clone(),
        who,
        command: shown.to_owned(),
        reason: request.requester.reason.clone().unwrap_or_default(),
        needs,
        expires: request.expires.to_string(),
        decision,
    };
    notify::send(&session.policy.notify, event, &message, crate::text::tell)
}
