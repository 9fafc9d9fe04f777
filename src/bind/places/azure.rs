//! Which subscription and user of Azure, as az finds them
//! (<https://learn.microsoft.com/cli/azure/azure-cli-configuration>): the option,
//! then the default one of `azureProfile.json`. Nothing is asked of Azure.

use serde_json::Value;

use super::{Env, below, content, option};
use crate::model::Invocation;
use crate::second::request::Target;

/// What this invocation acts on; `None` when nothing says so.
pub(super) fn target(invocation: &Invocation, env: Env<'_>) -> Option<Target> {
    let wanted = option(invocation, &["--subscription"]);
    let profile = below(env, "AZURE_CONFIG_DIR", ".azure")
        .and_then(|folder| content(&folder.join("azureProfile.json")))
        // az writes a byte order mark.
        .and_then(|text| serde_json::from_str(text.trim_start_matches('\u{feff}')).ok());
    let profile: Value = profile.unwrap_or_default();
    let all = profile.get("subscriptions").and_then(Value::as_array);
    let text = |value: &Value, at: &str| value.pointer(at)?.as_str().map(str::to_owned);
    let chosen = all.into_iter().flatten().find(|one| match &wanted {
        Some(wanted) => ["/id", "/name"].iter().any(|at| text(one, at).as_ref() == Some(wanted)),
        None => one.get("isDefault").and_then(Value::as_bool) == Some(true),
    });
    let target = Target {
        kind: "azure".into(),
        context: chosen.and_then(|one| text(one, "/name")),
        account: chosen.and_then(|one| text(one, "/id")).or(wanted),
        user: chosen.and_then(|one| text(one, "/user/name")),
        ..Target::default()
    };
    target.account.is_some().then_some(target)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::ffi::OsString;

    use super::*;
    use crate::model::{Opt, Span, Word};

    #[test]
    fn the_default_subscription_and_its_user_come_from_the_profile() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OsString::from(dir.path());
        let at = |subscription: Option<&str>| {
            let options = subscription.map(|value| Opt {
                name: "--subscription".to_owned(),
                value: Some(Word::text(value, Span::default())),
                known: true,
                span: Span::default(),
            });
            let invocation =
                Invocation { options: options.into_iter().collect(), ..Invocation::default() };
            target(&invocation, &|name| (name == "AZURE_CONFIG_DIR").then(|| folder.clone()))
        };
        let write =
            |text: &str| std::fs::write(dir.path().join("azureProfile.json"), text).unwrap();
        assert_eq!(at(None), None);
        write(
            "\u{feff}{\"subscriptions\": [\
             {\"id\": \"1-2\", \"name\": \"Play\", \"user\": {\"name\": \"ann\"}, \"isDefault\": false},\
             {\"id\": \"3-4\", \"name\": \"Shop\", \"user\": {\"name\": \"deploy\"}, \"isDefault\": true}]}",
        );
        let usual = at(None).unwrap();
        assert_eq!(usual.account.as_deref(), Some("3-4"));
        assert_eq!(usual.context.as_deref(), Some("Shop"));
        assert_eq!(usual.user.as_deref(), Some("deploy"));
        assert_eq!(at(Some("Play")).unwrap().user.as_deref(), Some("ann"));
        let other = at(Some("9-9")).unwrap();
        assert_eq!((other.account.as_deref(), other.user), (Some("9-9"), None));
        for hostile in ["", "[", "{\"subscriptions\": 7}", "{\"subscriptions\": [7, null, {}]}"] {
            write(hostile);
            assert_eq!(at(None), None, "{hostile}");
        }
    }
}
