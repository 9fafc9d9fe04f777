//! Which AWS account, as the AWS CLI finds it
//! (<https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>):
//! options, then variables, then the profile's section in `~/.aws/config` and
//! `~/.aws/credentials`. Nothing is asked of AWS.

use super::ini::Ini;
use super::{Env, option, text};
use crate::model::Invocation;
use crate::second::request::Target;

/// What this invocation acts on.
pub(super) fn target(invocation: &Invocation, env: Env<'_>) -> Option<Target> {
    let given = |names: &[&str]| option(invocation, names);
    let profile = given(&["--profile"])
        .or_else(|| text(env, "AWS_PROFILE"))
        .or_else(|| text(env, "AWS_DEFAULT_PROFILE"))
        .unwrap_or_else(|| "default".into());
    let section = if profile == "default" { profile.clone() } else { format!("profile {profile}") };
    let config = Ini::read(env, "AWS_CONFIG_FILE", ".aws/config");
    let keys = Ini::read(env, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
    let from = |name: &str| config.get(&section, name);
    let role = from("role_arn");
    let key = text(env, "AWS_ACCESS_KEY_ID").or_else(|| keys.get(&profile, "aws_access_key_id"));
    let region = given(&["--region"])
        .or_else(|| text(env, "AWS_REGION"))
        .or_else(|| text(env, "AWS_DEFAULT_REGION"))
        .or_else(|| from("region"));
    // arn:aws:iam::123456789012:role/name
    let of_role = role.as_deref().and_then(|arn| arn.split(':').nth(4)).map(str::to_owned);
    Some(Target {
        kind: "aws".into(),
        server: given(&["--endpoint-url"]).or_else(|| text(env, "AWS_ENDPOINT_URL")),
        account: from("sso_account_id").or(of_role),
        user: role.or_else(|| from("sso_role_name")).or_else(|| key.map(|id| format!("key {id}"))),
        context: Some(profile),
        region,
        ..Target::default()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::ffi::OsString;

    use super::target;
    use crate::model::Invocation;

    #[test]
    fn profile_account_and_role_come_from_the_files() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        let config = "[default]\nregion = eu-west-1\n\n[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/admin\nregion=us-east-1\n";
        std::fs::write(home.path().join(".aws/config"), config).unwrap();
        let keys = "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = hidden\n";
        std::fs::write(home.path().join(".aws/credentials"), keys).unwrap();
        let at = |profile: &'static str| {
            let home = OsString::from(home.path());
            let env = move |name: &str| match name {
                "HOME" => Some(home.clone()),
                "AWS_PROFILE" => Some(profile.into()),
                _ => None,
            };
            target(&Invocation::default(), &env).unwrap()
        };
        let prod = at("prod");
        assert_eq!(prod.account.as_deref(), Some("123456789012"));
        assert_eq!(prod.region.as_deref(), Some("us-east-1"));
        let usual = at("");
        assert_eq!(usual.user.as_deref(), Some("key AKIAEXAMPLE"));
        assert!(!format!("{usual:?}").contains("hidden"));
    }
}
