"""The agents: which package, how each is led to the model on loopback, how it is
started without a person, and what in its settings `guard init` has written.

Only what belongs to the agent itself is written here. The hook is always written
by `guard init`.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable


@dataclass
class Place:
    """Throw-away folders of one run, and where the agent's package is."""

    work: Path
    modules: Path
    url: str

    @property
    def home(self):
        return self.work / "home"

    @property
    def project(self):
        return self.work / "project"

    @property
    def guard(self):
        return self.work / "bin" / "guard"

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def write_json(self, name, value):
        self.write(name, json.dumps(value, indent=2) + "\n")


@dataclass
class Agent:
    title: str
    guard: str  # its name for `guard init`
    package: str  # pinned: another version may behave in another way
    argv: Callable[[Place], list]
    env: Callable[[Place], dict] = lambda place: {}
    prepare: Callable[[Place], None] = lambda place: None
    before: Callable[[Place], list] = lambda place: []  # a command that has to run first
    # The agent's time limit as `guard init` writes it: file, text, and the same
    # with two seconds. Nothing where the agent has a fixed one, of so many seconds.
    limit: tuple = ()
    fixed: int = 0
    # The file with the hook, and how it starts: what stands before a line for a
    # shell, or that it is a script. With neither it starts a program by itself.
    file: str = ""
    also: str = ""  # a second such file that it reads
    line: str = ""
    script: bool = False
    # The agent's own switch that spares a hook its review.
    trust: list = field(default_factory=list)
    # What the agent says when a refusal ends its run: then no result comes back.
    ends: str = ""
    # How it is started with its interface, for a person at a terminal, and what its
    # dialog asks, without spaces; Enter says yes there.
    interface: Callable[[Place], list] = lambda place: []
    dialog: str = ""

    def first(self, scene, program):
        """Puts a program in front of what is started without a shell."""
        text = (scene.place.home / self.file).read_text(encoding="utf-8")
        if self.file.endswith(".js"):
            scene.edit(self.file, f'"{scene.place.guard}"', f'"{program}"')
            scene.edit(self.file, '["hook", ', f'["{scene.place.guard}", "hook", ')
            return
        settings = json.loads(text)
        hook = settings["hooks"]["preToolUse"][0]
        hook["args"].insert(0, hook["exec"])
        hook["exec"] = str(program)
        scene.place.write_json(self.file, settings)


def claude_program(place):
    return place.modules / "@anthropic-ai/claude-code-linux-x64/claude"


def claude(place):
    headless = ["-p", "run it", "--output-format", "json", "--allowedTools", "Bash"]
    return [claude_program(place), *headless]


def claude_interface(place):
    """With the questions of a first start answered."""
    trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
    place.write_json(
        ".claude.json",
        {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "customApiKeyResponses": {"approved": ["sk-ant-mock"], "rejected": []},
            "projects": {str(place.project): trusted},
        },
    )
    return [claude_program(place), "run it"]


def codex_settings(place):
    place.write(
        ".codex/config.toml",
        f"""model = "mock"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.mock]
name = "mock"
base_url = "{place.url}/v1"
wire_api = "responses"
env_key = "MOCK_KEY"
request_max_retries = 1
stream_max_retries = 1
[analytics]
enabled = false
""",
    )


def gemini_settings(place):
    place.write_json(
        ".gemini/settings.json",
        {
            "security": {
                "auth": {"selectedType": "gemini-api-key"},
                "folderTrust": {"enabled": False},
            },
            "general": {"enableAutoUpdate": False},
            "privacy": {"usageStatisticsEnabled": False},
            "telemetry": {"enabled": False},
        },
    )


def qwen_settings(place):
    place.write_json(
        ".qwen/settings.json",
        {
            "security": {"auth": {"selectedType": "openai"}, "folderTrust": {"enabled": False}},
            "general": {"enableAutoUpdate": False, "disableAutoUpdate": True},
            "privacy": {"usageStatisticsEnabled": False},
            "telemetry": {"enabled": False},
        },
    )


def opencode_settings(place):
    # At its start opencode installs a package next to its settings and waits for
    # it: without a network that is 75 seconds of retries.
    place.write(".npmrc", "fetch-retries=0\noffline=true\n")
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "mock",
        "options": {"baseURL": f"{place.url}/v1", "apiKey": "x"},
        "models": {"mock": {"name": "mock", "tool_call": True}},
    }
    place.write_json(
        ".config/opencode/opencode.json",
        {
            "autoupdate": False,
            "share": "disabled",
            "model": "mock/mock",
            "small_model": "mock/mock",
            "permission": {"bash": "allow"},
            "provider": {"mock": provider},
        },
    )


def cline(place):
    return place.modules / "@cline/cli-linux-x64/bin/cline"


CLINE_MODEL = ["openai-compatible", "-k", "x", "-m", "mock"]

AGENTS = {
    "claude": Agent(
        title="Claude Code",
        guard="claude-code",
        package="@anthropic-ai/claude-code-linux-x64@2.1.330",
        argv=claude,
        env=lambda place: {
            "ANTHROPIC_BASE_URL": place.url,
            "ANTHROPIC_API_KEY": "sk-ant-mock",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
        },
        limit=(".claude/settings.json", '"timeout": 600', '"timeout": 2'),
        file=".claude/settings.json",
        line='"command": "',
        interface=claude_interface,
        dialog="Doyouwanttoproceed?",
    ),
    "codex": Agent(
        title="Codex CLI",
        guard="codex",
        package="@openai/codex@0.169.0",
        argv=lambda place: [place.modules / ".bin/codex", "exec", "--skip-git-repo-check", "run it"],
        env=lambda place: {"MOCK_KEY": "x"},
        prepare=codex_settings,
        limit=(".codex/hooks.json", '"timeout": 600', '"timeout": 2'),
        file=".codex/hooks.json",
        line='"command": "',
        trust=["--dangerously-bypass-hook-trust"],
    ),
    "gemini": Agent(
        title="Gemini CLI",
        guard="gemini-cli",
        package="@google/gemini-cli@0.61.0",
        argv=lambda place: [place.modules / ".bin/gemini", "--skip-trust", "-m", "gemini-2.5-flash"]
        + ["--yolo", "-p", "run it"],
        env=lambda place: {"GEMINI_API_KEY": "x", "GOOGLE_GEMINI_BASE_URL": place.url},
        prepare=gemini_settings,
        limit=(".gemini/settings.json", '"timeout": 600000', '"timeout": 2000'),
        file=".gemini/settings.json",
        line='"command": "',
    ),
    "qwen": Agent(
        title="Qwen Code",
        guard="qwen-code",
        package="@qwen-code/qwen-code@0.15.10",
        argv=lambda place: [place.modules / ".bin/qwen", "--yolo", "-p", "run it"],
        env=lambda place: {
            "OPENAI_API_KEY": "x",
            "OPENAI_BASE_URL": f"{place.url}/v1",
            "OPENAI_MODEL": "mock",
        },
        prepare=qwen_settings,
        limit=(".qwen/settings.json", '"timeout": 600000', '"timeout": 2000'),
        file=".qwen/settings.json",
        line='"command": "',
    ),
    "copilot": Agent(
        title="Copilot CLI",
        guard="copilot-cli",
        package="@github/copilot-linux-x64@1.0.102",
        argv=lambda place: [place.modules / "@github/copilot-linux-x64/copilot", "--allow-all"]
        + ["-p", "run it"],
        env=lambda place: {
            "COPILOT_OFFLINE": "true",
            "COPILOT_AUTO_UPDATE": "false",
            "COPILOT_PROVIDER_BASE_URL": f"{place.url}/v1",
            "COPILOT_PROVIDER_API_KEY": "x",
            "COPILOT_MODEL": "gpt-4.1",
        },
        limit=(".copilot/hooks/guard.json", '"timeoutSec": 600', '"timeoutSec": 2'),
        file=".copilot/hooks/guard.json",
    ),
    "opencode": Agent(
        title="opencode",
        guard="opencode",
        package="opencode-linux-x64@1.18.33",
        argv=lambda place: [place.modules / "opencode-linux-x64/bin/opencode", "run", "run it"],
        env=lambda place: {
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
            "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
        },
        prepare=opencode_settings,
        limit=(".config/opencode/plugins/guard.js", "timeout: 20000", "timeout: 2000"),
        file=".config/opencode/plugins/guard.js",
    ),
    "cline": Agent(
        title="Cline CLI",
        guard="cline",
        package="@cline/cli-linux-x64@3.0.65",
        before=lambda place: [cline(place), "auth", "-p", *CLINE_MODEL, "-b", f"{place.url}/v1"],
        argv=lambda place: [cline(place), "-P", *CLINE_MODEL[:1], *CLINE_MODEL[1:], "--json", "run it"],
        fixed=120,
        file=".cline/hooks/PreToolUse.sh",
        also="Documents/Cline/Hooks/PreToolUse",
        script=True,
        ends="run_aborted",
    ),
}


def version(agent):
    return agent.package.rsplit("@", 1)[1]
