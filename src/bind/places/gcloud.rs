//! Which project and account of Google Cloud, as gcloud finds them
//! (<https://cloud.google.com/sdk/docs/properties>): options, then variables,
//! then the active configuration. Nothing is asked of Google.

use super::ini::Ini;
use super::{Env, below, content, option, text};
use crate::model::Invocation;
use crate::second::request::Target;

/// What this invocation acts on; `None` when nothing says so.
pub(super) fn target(invocation: &Invocation, env: Env<'_>) -> Option<Target> {
    let given = |names: &[&str]| option(invocation, names);
    let folder = below(env, "CLOUDSDK_CONFIG", ".config/gcloud");
    let name = given(&["--configuration"])
        .or_else(|| text(env, "CLOUDSDK_ACTIVE_CONFIG_NAME"))
        .or_else(|| {
            let active = content(&folder.as_ref()?.join("active_config"))?;
            Some(active.trim().to_owned()).filter(|name| !name.is_empty())
        })
        .unwrap_or_else(|| "default".to_owned());
    // Names come from a file that anybody may have written.
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let file = folder.filter(|_| plain);
    let file = file.map(|folder| folder.join("configurations").join(format!("config_{name}")));
    let file = file.map(|path| Ini::at(&path)).unwrap_or_default();
    let one = |options: &[&str], variable: &str, section: &str, key: &str| {
        given(options).or_else(|| text(env, variable)).or_else(|| file.get(section, key))
    };
    let acts_as = one(
        &["--impersonate-service-account"],
        "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT",
        "auth",
        "impersonate_service_account",
    );
    let target = Target {
        kind: "gcloud".into(),
        account: one(&["--project", "--project_id"], "CLOUDSDK_CORE_PROJECT", "core", "project"),
        user: acts_as.or_else(|| one(&["--account"], "CLOUDSDK_CORE_ACCOUNT", "core", "account")),
        region: one(&["--region"], "CLOUDSDK_COMPUTE_REGION", "compute", "region"),
        context: Some(name),
        ..Target::default()
    };
    let known = target.account.is_some() || target.user.is_some();
    known.then_some(target)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::ffi::OsString;
    use std::path::Path;

    use super::*;
    use crate::model::{Opt, Span, Word};

    fn at(folder: &Path, options: &[(&str, &str)], vars: &[(&str, &str)]) -> Option<Target> {
        let option = |(name, value): &(&str, &str)| Opt {
            name: (*name).to_owned(),
            value: Some(Word::text(*value, Span::default())),
            known: true,
            span: Span::default(),
        };
        let options = options.iter().map(option).collect();
        let invocation = Invocation { options, ..Invocation::default() };
        let env = |name: &str| match name {
            "CLOUDSDK_CONFIG" => Some(OsString::from(folder)),
            _ => vars.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()),
        };
        target(&invocation, &env)
    }

    #[test]
    fn project_and_account_come_from_the_active_configuration() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("configurations")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        assert_eq!(at(dir.path(), &[], &[]), None);
        write("configurations/config_default", "[core]\nproject = play\naccount = ann@a.example\n");
        write(
            "configurations/config_work",
            "[core]\naccount = deploy@w.example\nproject = shop-prod\n[compute]\nregion = europe-west1\n",
        );
        let usual = at(dir.path(), &[], &[]).unwrap();
        assert_eq!(usual.account.as_deref(), Some("play"));
        write("active_config", "work\n");
        let work = at(dir.path(), &[], &[]).unwrap();
        assert_eq!(work.account.as_deref(), Some("shop-prod"));
        assert_eq!(work.user.as_deref(), Some("deploy@w.example"));
        assert_eq!(work.region.as_deref(), Some("europe-west1"));
        // Options before variables before the file, and acting as somebody else.
        let vars = [("CLOUDSDK_CORE_PROJECT", "other"), ("CLOUDSDK_CORE_ACCOUNT", "bob")];
        let set = at(dir.path(), &[("--impersonate-service-account", "robot")], &vars).unwrap();
        assert_eq!((set.account.as_deref(), set.user.as_deref()), (Some("other"), Some("robot")));
        let given = at(dir.path(), &[("--project", "mine"), ("--configuration", "default")], &vars);
        assert_eq!(given.unwrap().account.as_deref(), Some("mine"));
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("configurations/config_")).unwrap();
        std::fs::write(dir.path().join("secret"), "[core]\nproject = x\n").unwrap();
        std::fs::write(dir.path().join("active_config"), "/../../secret").unwrap();
        assert_eq!(at(dir.path(), &[], &[]), None);
    }
}
