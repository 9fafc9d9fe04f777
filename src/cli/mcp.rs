//! `guard mcp`: guard as the shell tool of an agent that can be given one, by the
//! Model Context Protocol over standard input and output
//! (<https://modelcontextprotocol.io/specification/2025-11-25/basic/transports>).
//!
//! Nothing is judged or approved here: each call starts this very program once
//! more (`guard run -c TEXT`), which asks and records as it does for everybody.
//! Whatever the client answers can only keep a command from starting.

mod child;
mod tools;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use rmcp::ServiceExt as _;
use rmcp::transport::async_rw::AsyncRwTransport;

use crate::exit::Exit;
use crate::text::tell;
use child::Children;
use tools::Server;

/// Bytes of one message of the client; longer ones are dropped by the transport.
const MAX_MESSAGE: usize = 1 << 20;

/// `guard mcp`.
#[derive(Debug, Args)]
#[command(after_help = "\
An agent that is given this server in place of its own shell tool has every
command judged, asked about and recorded. It offers four tools:
  run             judge a command, ask where needed, run it, give its output
  check           the verdict on a command, which is not run
  explain         word by word how the verdict came about
  request_status  what became of a question to somebody else

Examples:
  guard mcp                             serve on standard input and output
  guard run -c 'git push --force'       what the tool `run` starts

A client that can show its user a question (elicitation) is asked to before a
command that needs somebody is started. No, no answer or something else than
yes ends it there; yes approves nothing, it only lets guard ask the operator.

See docs/agents.md for the lines that register it with each agent.")]
pub struct McpArgs {}

/// Serves until standard input ends; what was started and still runs is ended
/// then.
#[must_use]
pub fn mcp(_: &McpArgs) -> ExitCode {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => {
            tell(&format!("guard: cannot tell where its own program is: {error}.\n"));
            return Exit::Internal.into();
        }
    };
    let children = Arc::new(Children::new(program));
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(&format!("guard: cannot serve: {error}.\n"));
            return Exit::Internal.into();
        }
    };
    let served = runtime.block_on(serve(Arc::clone(&children)));
    children.end_all();
    // A thread may wait for input that never comes.
    runtime.shutdown_background();
    match served {
        Ok(()) => Exit::Ok.into(),
        Err(error) => {
            tell(&format!("guard: the client broke off: {}.\n", crate::text::escape(&error)));
            Exit::Usage.into()
        }
    }
}

async fn serve(children: Arc<Children>) -> Result<(), String> {
    let transport = AsyncRwTransport::new_server(tokio::io::stdin(), tokio::io::stdout())
        .with_max_line_length(MAX_MESSAGE);
    let service = Server::new(children).serve(transport).await.map_err(|e| e.to_string())?;
    service.waiting().await.map_err(|e| e.to_string())?;
    Ok(())
}
