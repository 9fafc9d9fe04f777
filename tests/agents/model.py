"""A model on loopback that does what a script says, for real coding agents.

It listens on 127.0.0.1 only and speaks just enough of four streaming APIs:

    POST .../messages               Anthropic messages   Claude Code
    POST .../responses              OpenAI responses     Codex
    POST .../chat/completions       OpenAI chat          Copilot, opencode, Qwen Code, Cline
    POST ...:streamGenerateContent  Gemini               Gemini CLI

The first request that offers a shell tool is answered with one call of it. The
model is obedient: where a tool's result is a text of guard that says what to do
next (run another line, run the same one again), it does that. Else it says
"done". The number of results in a request tells the turn, so that a repeated
request is answered as the first one was.

Environment:
    MODEL_COMMAND  the command to ask for
    MODEL_LOG      one JSON object a line: {"kind": "call"|"result", ...}
    MODEL_READY    file that is made once the socket listens
    MODEL_PORT     the port
"""

import gzip
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMAND = os.environ.get("MODEL_COMMAND", "true")
LOG = os.environ.get("MODEL_LOG", os.devnull)
READY = os.environ.get("MODEL_READY", "")
PORT = int(os.environ.get("MODEL_PORT", "18080"))
FINAL = "done"

# No script needs more; a loop between guard and the model ends here.
MAX_TURNS = 8

# Shell tools of the agents, the preferred one first, and their arguments.
TOOLS = {
    "Bash": lambda c: {"command": c, "description": "Run it"},  # Claude Code
    "exec_command": lambda c: {"cmd": c},  # Codex
    "run_shell_command": lambda c: {  # Gemini CLI, Qwen Code
        "command": c,
        "description": "Run it",
        "is_background": False,
    },
    "bash": lambda c: {"command": c, "description": "Run it"},  # opencode, Copilot CLI
    "run_commands": lambda c: {"commands": [c]},  # Cline CLI
}


def log(kind, **members):
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": kind, **members}) + "\n")


def texts(value):
    """Every text in a tool's result, whatever its shape."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)


def obey(results):
    """What the results so far make a model do: (kind, argument), or nothing."""
    if not results:
        return ("shell", COMMAND)
    command, after = COMMAND, None
    for result in results:
        text = "\n".join(texts(result))
        running = re.search(r"[Pp]rocess running with session ID (\d+)", text)
        line = re.search(r"Next: run it as: ([^\n]+)", text)
        if running:
            # Codex gives a command ten seconds and lets its model ask again.
            after = ("poll", int(running.group(1)))
        elif line:
            command = line.group(1)
            after = ("shell", command)
        # guard's own "if this ends with exit code 75, ..." is not it.
        elif re.search(r"(?i)\bexit(ed)?( with)?( code)?:? 75\b(?!,)", text):
            after = ("shell", command)
        else:
            after = None
    return after


def next_call(tools, results):
    """The tool call to make now as (name, arguments), or None to end with text."""
    if results:
        log("result", text="\n".join(texts(results[-1])))
    if len(results) >= MAX_TURNS:
        return None
    wanted = obey(results)
    if wanted is None:
        return None
    kind, argument = wanted
    if kind == "poll" and "write_stdin" in tools:
        call = ("write_stdin", {"session_id": argument, "chars": "", "yield_time_ms": 3000})
    else:
        name = next((tool for tool in TOOLS if tool in tools), None)
        if name is None or kind == "poll":
            return None
        call = (name, TOOLS[name](argument))
    log("call", tool=call[0], arguments=call[1])
    return call


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    # ---- transport

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            raw = b""
            while size := int(self.rfile.readline().strip() or b"0", 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("content-encoding") == "gzip":
            raw = gzip.decompress(raw)
        try:
            return json.loads(raw or b"{}")
        except ValueError:
            return {}

    def send(self, kind, payload):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def send_json(self, value):
        self.send("application/json", json.dumps(value).encode())

    def send_events(self, events, named=False):
        out = ""
        for event in events:
            if named:
                out += f"event: {event['type']}\n"
            out += f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n"
        self.send("text/event-stream", out.encode())

    # ---- routes

    def do_HEAD(self):
        self.send("text/plain", b"")

    def do_GET(self):
        if "models" in self.path:
            models = [{"id": "mock", "object": "model"}]
            return self.send_json({"object": "list", "data": models, "models": []})
        return self.send_json({})

    def do_POST(self):
        question, path = self.body(), self.path.split("?")[0]
        if path.endswith(("/count_tokens", ":countTokens")):
            return self.send_json({"input_tokens": 10, "totalTokens": 10})
        if path.endswith("/messages"):
            return self.answer_anthropic(question)
        if path.endswith("/responses"):
            return self.answer_responses(question)
        if path.endswith("/chat/completions"):
            return self.answer_chat(question)
        if "enerateContent" in path:
            return self.answer_gemini(question, "stream" in path)
        return self.send_json({})

    # ---- the APIs

    def answer_anthropic(self, question):
        contents = [m.get("content") for m in question.get("messages", [])]
        blocks = [b for c in contents if isinstance(c, list) for b in c if isinstance(b, dict)]
        results = [b for b in blocks if b.get("type") == "tool_result"]
        results = [r.get("content") for r in results]
        call = next_call([t.get("name") for t in question.get("tools", [])], results)
        if call:
            reason, name = "tool_use", f"toolu_mock_{len(results)}"
            block = {"type": "tool_use", "id": name, "name": call[0], "input": call[1]}
            start = dict(block, input={})
            delta = {"type": "input_json_delta", "partial_json": json.dumps(call[1])}
        else:
            reason, block = "end_turn", {"type": "text", "text": FINAL}
            start, delta = dict(block, text=""), {"type": "text_delta", "text": FINAL}
        usage = {
            "input_tokens": 10,
            "output_tokens": 5,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        }
        message = {
            "id": "msg_mock",
            "type": "message",
            "role": "assistant",
            "model": question.get("model"),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        if not question.get("stream"):
            return self.send_json(dict(message, content=[block], stop_reason=reason))
        stop = {"stop_reason": reason, "stop_sequence": None}
        events = [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": start},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 5}},
            {"type": "message_stop"},
        ]
        return self.send_events(events, named=True)

    def answer_responses(self, question):
        items = question.get("input") if isinstance(question.get("input"), list) else []
        results = [i for i in items if str(i.get("type", "")).endswith("_output")]
        results = [r.get("output") for r in results]
        call = next_call([t.get("name") for t in question.get("tools", [])], results)
        if call:
            item = {
                "type": "function_call",
                "id": f"fc_mock_{len(results)}",
                "call_id": f"call_mock_{len(results)}",
                "name": call[0],
                "arguments": json.dumps(call[1]),
                "status": "completed",
            }
        else:
            text = {"type": "output_text", "text": FINAL, "annotations": []}
            item = {"type": "message", "id": "msg_mock", "role": "assistant"}
            item.update(status="completed", content=[text])
        head = {
            "id": "resp_mock",
            "object": "response",
            "created_at": int(time.time()),
            "model": question.get("model"),
        }
        usage = {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 15,
        }
        finished = dict(head, status="completed", output=[item], usage=usage)
        if not question.get("stream"):
            return self.send_json(finished)
        started = dict(item, status="in_progress")
        events = [
            {"type": "response.created", "response": dict(head, status="in_progress", output=[])},
            {"type": "response.output_item.added", "output_index": 0, "item": started},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": finished},
        ]
        return self.send_events(events, named=True)

    def answer_chat(self, question):
        results = [m for m in question.get("messages", []) if m.get("role") == "tool"]
        results = [r.get("content") for r in results]
        tools = [(t.get("function") or {}).get("name") for t in question.get("tools") or []]
        call = next_call(tools, results)
        head = {"id": "chat_mock", "created": int(time.time())}
        head["model"] = question.get("model", "mock")
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        if call:
            use = {"index": 0, "id": f"call_mock_{len(results)}", "type": "function"}
            use["function"] = {"name": call[0], "arguments": json.dumps(call[1])}
            message = {"role": "assistant", "content": None, "tool_calls": [use]}
            reason = "tool_calls"
        else:
            message, reason = {"role": "assistant", "content": FINAL}, "stop"
        if not question.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": reason}
            whole = dict(head, object="chat.completion", usage=usage, choices=[choice])
            return self.send_json(whole)
        head["object"] = "chat.completion.chunk"
        first = {"index": 0, "delta": message, "finish_reason": None}
        last = {"index": 0, "delta": {}, "finish_reason": reason}
        events = [dict(head, choices=[first]), dict(head, choices=[last], usage=usage), "[DONE]"]
        return self.send_events(events)

    def answer_gemini(self, question, stream):
        tools = question.get("tools", [])
        names = [f.get("name") for t in tools for f in t.get("functionDeclarations", [])]
        parts = [p for c in question.get("contents", []) for p in c.get("parts", [])]
        results = [p["functionResponse"] for p in parts if "functionResponse" in p]
        call = next_call(names, [r.get("response") for r in results])
        if call:
            part = {"functionCall": {"name": call[0], "args": call[1]}}
        elif names:
            part = {"text": FINAL}
        else:
            # Side questions of the agent (who speaks next, which model) want JSON.
            side = {"next_speaker": "user", "reasoning": "scripted", "model_choice": "flash"}
            side.update(complexity_score=1, complexity_reasoning="scripted")
            part = {"text": json.dumps(side)}
        content = {"role": "model", "parts": [part]}
        usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
        answer = {
            "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
            "usageMetadata": usage,
            "modelVersion": "mock",
        }
        return self.send_events([answer]) if stream else self.send_json(answer)


class Server(ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    server = Server(("127.0.0.1", PORT), Handler)
    if READY:
        with open(READY, "w", encoding="utf-8"):
            pass
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
