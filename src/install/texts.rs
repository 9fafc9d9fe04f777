//! Files that are programs.

/// The plugin for opencode: it asks guard before each tool, and whatever goes
/// wrong is an error, which keeps the tool from running.
pub(super) fn opencode(guard: &str) -> String {
    let guard = serde_json::Value::from(guard);
    format!(
        r#"// Written by `guard init opencode`. Asks guard before a tool runs.
// No answer, an answer that cannot be read, or no guard: the tool does not run.
// Afterwards guard is told how a command ended; nothing depends on that.
import {{ spawnSync }} from "node:child_process"

const GUARD = {guard}
const READS = new Set(["read", "glob", "grep", "list", "todoread", "todowrite", "webfetch"])

export const Guard = async ({{ directory, worktree }}) => ({{
  "tool.execute.before": async (input, output) => {{
    if (READS.has(input.tool)) return
    const run = spawnSync(GUARD, ["hook", "opencode"], {{
      input: JSON.stringify({{ directory, worktree, input, output }}),
      encoding: "utf8",
      timeout: 20000,
      killSignal: "SIGKILL",
    }})
    if (run.error || run.status !== 0)
      throw new Error((run.stderr || "").trim() || `guard did not answer (${{run.error?.code ?? run.signal ?? run.status}}), so this does not run`)
    if (!run.stdout.trim()) return
    const answer = JSON.parse(run.stdout)
    if (answer.decision === "deny") throw new Error(answer.reason || "guard: not run")
    if (answer.args) Object.assign(output.args, answer.args)
  }},
  "tool.execute.after": async (input, output) => {{
    if (input.tool !== "bash") return
    const metadata = {{ exit: output.metadata?.exit }}
    spawnSync(GUARD, ["hook", "opencode", "--after"], {{
      input: JSON.stringify({{ directory, worktree, input, output: {{ metadata }} }}),
      timeout: 10000,
      killSignal: "SIGKILL",
    }})
  }},
}})
"#
    )
}

/// The hook script for Cline, which takes only JSON as an answer: it outlives
/// guard, and says no in its place.
pub(super) fn cline(guard: &str, quoted: &str, in_time: &str) -> String {
    let missing = serde_json::json!({
        "cancel": true,
        "errorMessage": format!("{} ({guard})", super::agents::MISSING),
    });
    let missing = missing.to_string().replace('\'', "'\\''");
    format!(
        "#!/bin/sh\n\
         # Written by `guard init cline`. Asks guard before a tool runs.\n\
         if answer=$({in_time}{quoted} hook cline); then\n\
         \x20   printf '%s\\n' \"$answer\"\n\
         else\n\
         \x20   printf '%s\\n' '{missing}'\n\
         fi\n"
    )
}

/// What tells guard afterwards, for Cline: an answer that changes nothing, whatever
/// becomes of guard.
pub(super) fn cline_after(quoted: &str) -> String {
    format!(
        "#!/bin/sh\n\
         # Written by `guard init cline`. Tells guard how a command ended; stops nothing.\n\
         {quoted} hook cline --after >/dev/null 2>&1 || true\n\
         printf '%s\\n' '{{\"cancel\": false}}'\n"
    )
}
