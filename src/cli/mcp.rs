//! `guard mcp`: guard as the shell tool of an agent that can be given one, by the
//! Model Context Protocol over standard input and output
//! (<https://modelcontextprotocol.io/specification/2025-11-25/basic/transports>).
//!
//! Nothing is judged or approved here: each call starts this very program once
//! more (`guard run -c TEXT`), which asks and records as it does for everybody.
//! Whatever the client answers can only keep a command from starting.

mod child;
mod output;
mod tools;

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use clap::Args;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use rmcp::ServiceExt as _;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, ReadBuf, Stdin};
use tokio::sync::Notify;

use crate::exit::Exit;
use crate::sys;
use crate::text::tell;
use child::Children;
use tools::Server;

/// Bytes of one message of the client; longer ones are dropped by the transport.
const MAX_MESSAGE: usize = 1 << 20;

/// How long answers may take to be read when nothing more is asked.
const LAST: Duration = Duration::from_secs(10);
/// Signals by which a client ends its server.
const ENDS: [Signal; 4] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT];

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

/// Serves until standard input or a signal ends it; what was started and still
/// runs is ended then.
#[must_use]
pub fn mcp(_: &McpArgs) -> ExitCode {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => {
            tell(&format!("guard: cannot tell where its own program is: {error}.\n"));
            return Exit::Internal.into();
        }
    };
    // Before there are threads, which take the mask over.
    let ends: SigSet = ENDS.into_iter().collect();
    let Ok(mask) = ends.thread_swap_mask(SigmaskHow::SIG_BLOCK) else {
        return Exit::Internal.into();
    };
    let children = Arc::new(Children::new(program, mask));
    let at_signal = Arc::clone(&children);
    std::thread::spawn(move || {
        if let Ok(signal) = ends.wait() {
            at_signal.end_all();
            sys::die_by(signal as i32);
        }
    });
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
    let gone = Arc::new(Notify::new());
    let end = AtEnd(Arc::clone(&gone));
    let input = Input { stdin: tokio::io::stdin(), children: Arc::clone(&children), gone: end };
    let end = AtEnd(Arc::clone(&gone));
    let task = tokio::spawn(async move {
        let _end = end;
        let transport = AsyncRwTransport::new_server(input, tokio::io::stdout())
            .with_max_line_length(MAX_MESSAGE);
        let service = Server::new(children).serve(transport).await.map_err(|e| e.to_string())?;
        service.waiting().await.map_err(|e| e.to_string())?;
        Ok(())
    });
    gone.notified().await;
    match tokio::time::timeout(LAST, task).await {
        Ok(served) => served.map_err(|error| error.to_string())?,
        // Answers that nobody reads.
        Err(_) => Ok(()),
    }
}

/// Tells that serving is over, however it came to that.
#[derive(Debug)]
struct AtEnd(Arc<Notify>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Standard input. At its end nobody waits for what still runs; the SDK would
/// wait for it for some seconds.
#[derive(Debug)]
struct Input {
    stdin: Stdin,
    children: Arc<Children>,
    gone: AtEnd,
}

impl AsyncRead for Input {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stdin).poll_read(context, buffer);
        let over = match &read {
            Poll::Ready(Ok(())) => buffer.filled().len() == before && buffer.remaining() > 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if over {
            self.children.end();
            self.gone.0.notify_one();
        }
        read
    }
}
