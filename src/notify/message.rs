//! What a message says, and in which forms.

use serde_json::{Value, json};

use crate::second::terms::{Event, Template};

/// A message. None of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What happened.
    pub event: Event,
    /// Short name of the request.
    pub handle: String,
    /// Id of the request.
    pub request: String,
    /// The tier.
    pub tier: String,
    /// The host.
    pub host: String,
    /// Who asks: account, and agent if there is one.
    pub who: String,
    /// The command on one line, without secrets.
    pub command: String,
    /// Why, in the caller's words.
    pub reason: String,
    /// Who could answer, in words.
    pub needs: String,
    /// Approve by.
    pub expires: String,
    /// For a decision: what, and by whom.
    pub decision: Option<(String, String)>,
}

impl Message {
    /// guard's own form, one line.
    #[must_use]
    pub fn json(&self) -> String {
        self.value().to_string()
    }

    fn value(&self) -> Value {
        let event = match self.event {
            Event::Request => "request",
            Event::Decision => "decision",
            Event::BreakGlass => "break-glass",
        };
        let mut value = json!({
            "event": event,
            "text": self.text(),
            "handle": self.handle,
            "request": self.request,
            "tier": self.tier,
            "host": self.host,
            "who": self.who,
            "command": self.command,
            "reason": self.reason,
            "needs": self.needs,
            "expires": self.expires,
        });
        if let (Some((decision, by)), Some(map)) = (&self.decision, value.as_object_mut()) {
            map.insert("decision".into(), json!(decision));
            map.insert("by".into(), json!(by));
        }
        value
    }

    /// One sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { handle, host, who, command, .. } = self;
        match (self.event, &self.decision) {
            (Event::Request, _) => {
                let needs = &self.needs;
                format!(
                    "guard request {handle} on {host}: {who} wants to run `{command}`. Needs {needs}. \
                     Answer with: guard approve {handle}"
                )
            }
            (Event::Decision, Some((decision, by))) => {
                format!("guard request {handle} on {host}: {decision} by {by}: `{command}`")
            }
            (Event::Decision, None) => format!("guard request {handle} on {host} was answered"),
            (Event::BreakGlass, _) => {
                let reason = &self.reason;
                format!(
                    "guard: BREAK-GLASS on {host}: {who} runs `{command}` without the approval that \
                     it needs. Reason: {reason}. Review it with: guard review {handle}"
                )
            }
        }
    }

    /// The body of a post in a form that a service understands.
    #[must_use]
    pub fn body(&self, template: Template) -> String {
        let title = format!("guard {}", self.handle);
        match template {
            Template::Json => self.json(),
            // Slack shows `text`, and reads `<`, `>` and `&` as markup.
            Template::Slack => {
                let text = self.text();
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                json!({"text": text}).to_string()
            }
            Template::Teams => json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [
                            {"type": "TextBlock", "weight": "Bolder", "text": title},
                            {"type": "TextBlock", "wrap": true, "text": self.text()},
                        ],
                    },
                }],
            })
            .to_string(),
            // The topic is part of the address.
            Template::Ntfy => self.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn message(event: Event) -> Message {
        Message {
            event,
            handle: "GEXS-Z6KB".into(),
            request: "6f1d2f0e-8b1c-4a55-9a3e-2b7c9d10e4aa".into(),
            tier: "second-human".into(),
            host: "build-7".into(),
            who: "alice (claude-code)".into(),
            command: "kubectl delete ns <prod> & \"x\"".into(),
            reason: "CHG-1".into(),
            needs: "1 of sre, touch".into(),
            expires: "2026-11-22T09:45:00Z".into(),
            decision: Some(("approve".into(), "dana@example.org".into())),
        }
    }

    #[test]
    fn every_service_gets_json_that_it_understands() {
        let all = [Event::Request, Event::Decision, Event::BreakGlass].map(message);
        for message in &all {
            for template in [Template::Json, Template::Slack, Template::Teams] {
                let body = message.body(template);
                assert!(!body.contains('\n'), "{body}");
                serde_json::from_str::<Value>(&body).unwrap();
            }
        }
        let [request, decision, glass] = all;
        let slack: Value = serde_json::from_str(&request.body(Template::Slack)).unwrap();
        let text = slack.get("text").and_then(Value::as_str).unwrap();
        assert!(text.contains("ns &lt;prod&gt; &amp; \"x\""), "{text}");
        assert!(request.body(Template::Ntfy).starts_with("guard request GEXS-Z6KB on build-7:"));
        assert!(decision.text().contains("approve by dana@example.org"));
        assert!(glass.text().contains("BREAK-GLASS"));
        let own: Value = serde_json::from_str(&decision.json()).unwrap();
        assert_eq!(own.get("by").unwrap(), "dana@example.org");
    }
}
