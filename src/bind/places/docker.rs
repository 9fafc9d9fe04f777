//! Which engine, as docker finds it
//! (<https://docs.docker.com/engine/manage-resources/contexts/>): options, then
//! `DOCKER_HOST`, then the context that is chosen. Nothing is asked of it.

use serde_json::Value;

use super::{Env, below, content, option, text};
use crate::model::Invocation;
use crate::second::display::sha256;
use crate::second::request::Target;

/// What this invocation acts on; `None` for the usual engine of this machine.
pub(super) fn target(invocation: &Invocation, env: Env<'_>) -> Option<Target> {
    let given = |names: &[&str]| option(invocation, names);
    let at = |context: Option<String>, server: Option<String>| Target {
        kind: "docker".into(),
        context,
        server,
        ..Target::default()
    };
    if let Some(host) = given(&["-H", "--host"]) {
        return Some(at(None, Some(host)));
    }
    let chosen = given(&["-c", "--context"]);
    if chosen.is_none()
        && let Some(host) = text(env, "DOCKER_HOST")
    {
        return Some(at(None, Some(host)));
    }
    let folder = below(env, "DOCKER_CONFIG", ".docker");
    let json = |name: String| -> Option<Value> {
        serde_json::from_str(&content(&folder.as_ref()?.join(name))?).ok()
    };
    let word = |value: &Value, at: &str| value.pointer(at)?.as_str().map(str::to_owned);
    let name = chosen
        .or_else(|| text(env, "DOCKER_CONTEXT"))
        .or_else(|| word(&json("config.json".to_owned())?, "/currentContext"))
        .filter(|name| name != "default" && !name.is_empty())?;
    // The folder of a context is named by the hash of its name.
    let meta = json(format!("contexts/meta/{}/meta.json", sha256(name.as_bytes())));
    let host = meta.and_then(|meta| word(&meta, "/Endpoints/docker/Host"));
    Some(at(Some(name), host))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn the_engine_is_that_of_the_chosen_context() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OsString::from(dir.path());
        let at = |vars: &[(&str, &str)]| {
            let env = |name: &str| match name {
                "DOCKER_CONFIG" => Some(folder.clone()),
                _ => vars.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()),
            };
            target(&Invocation::default(), &env)
        };
        assert_eq!(at(&[]), None);
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("config.json", "{\"currentContext\": \"live\"}");
        let meta = format!("contexts/meta/{}/meta.json", sha256(b"live"));
        write(&meta, "{\"Endpoints\": {\"docker\": {\"Host\": \"ssh://ops@live.example.com\"}}}");
        let live = at(&[]).unwrap();
        assert_eq!(live.context.as_deref(), Some("live"));
        assert_eq!(live.server.as_deref(), Some("ssh://ops@live.example.com"));
        assert_eq!(at(&[("DOCKER_CONTEXT", "default")]), None);
        let unknown = at(&[("DOCKER_CONTEXT", "../../x")]).unwrap();
        assert_eq!((unknown.context.as_deref(), unknown.server), (Some("../../x"), None));
        let host = at(&[("DOCKER_HOST", "tcp://10.0.0.7:2375"), ("DOCKER_CONTEXT", "live")]);
        assert_eq!(host.unwrap().server.as_deref(), Some("tcp://10.0.0.7:2375"));
        write("config.json", "[\"currentContext\"]");
        assert_eq!(at(&[]), None);
    }
}
