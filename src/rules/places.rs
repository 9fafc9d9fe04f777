//! Names of files and folders that mean something wherever they are met: the
//! data behind `paths`.

/// Folders whose name says that a tool made them and can make them again.
pub(super) const BUILD_OUTPUT: &[&str] = &[
    "node_modules",
    "target",
    "dist",
    "build",
    "out",
    "_build",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".nox",
    ".eggs",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".parcel-cache",
    ".vite",
    ".cache",
    "coverage",
    "htmlcov",
    ".nyc_output",
    ".gradle",
    ".terraform",
    "bazel-bin",
    "bazel-out",
    "bazel-testlogs",
    "CMakeFiles",
    "DerivedData",
    ".venv",
    "venv",
    ".dart_tool",
    ".ipynb_checkpoints",
    "zig-out",
    "zig-cache",
    ".zig-cache",
    "elm-stuff",
    "bower_components",
    "storybook-static",
    ".serverless",
    ".aws-sam",
    "cdk.out",
    ".output",
    "tmp",
    ".tmp",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
];

/// Of those, the names that nobody uses for anything else, wherever they are.
pub(super) const BUILD_OUTPUT_ANYWHERE: &[&str] =
    &["node_modules", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"];

/// Below a home directory: what package managers and builds fetch again.
pub(super) const HOME_CACHES: &[&str] = &[
    ".npm/_cacache",
    ".npm/_npx",
    ".gradle/caches",
    ".cargo/registry",
    ".nuget/packages",
    ".yarn/cache",
    ".pnpm-store",
    ".local/share/pnpm/store",
    ".cache/pip",
    ".cache/uv",
    ".cache/yarn",
    ".cache/go-build",
    ".cache/pypoetry",
    ".cache/ms-playwright",
    ".cache/pre-commit",
    ".cache/ccache",
    "Library/Caches",
];

/// File name endings of compiled or temporary files.
pub(super) const BUILD_SUFFIXES: &[&str] =
    &[".pyc", ".pyo", ".o", ".class", ".tmp", ".swp", ".egg-info"];

/// Files that programs leave behind and nobody keeps; `~` as an ending is the
/// backup copy of an editor.
pub(super) const LITTER: &[&str] = &[".DS_Store", "Thumbs.db", "~", ".coverage"];

/// Below a home directory: who may do what, and what runs at log-in.
pub(super) const SENSITIVE_HOME: &[&str] = &[
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".config/gcloud",
    ".config/gh",
    ".netrc",
    ".pgpass",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".gitconfig",
    ".config/git",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".config/fish",
    ".config/autostart",
    ".config/systemd",
    ".local/share/keyrings",
    ".password-store",
    ".claude",
    ".codex",
    ".gemini",
    ".cursor",
    ".bash_history",
    ".zsh_history",
    ".terraform.d",
    ".cargo/credentials.toml",
    ".pam_environment",
    ".xinitrc",
    ".xprofile",
    ".local/share/systemd",
    ".docker/config.json",
    ".config/rclone",
    ".vault-token",
    ".pip",
    ".config/pip",
    ".condarc",
    ".bash_aliases",
    ".inputrc",
    ".vimrc",
    ".config/nvim",
    ".tmux.conf",
];

/// Absolute: the same for the whole system.
pub(super) const SENSITIVE_SYSTEM: &[&str] = &[
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/gshadow",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/ssh",
    "/etc/pam.d",
    "/etc/security",
    "/etc/crontab",
    "/etc/cron.d",
    "/etc/cron.daily",
    "/etc/cron.hourly",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/var/spool/cron",
    "/etc/systemd",
    "/lib/systemd",
    "/usr/lib/systemd",
    "/etc/init.d",
    "/etc/rc.local",
    "/etc/profile",
    "/etc/profile.d",
    "/etc/bash.bashrc",
    "/etc/environment",
    "/etc/ld.so.preload",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/fstab",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/kubernetes",
    "/boot",
];

pub(super) const SYSTEM: &[&str] = &[
    "/etc",
    "/usr",
    "/bin",
    "/sbin",
    "/boot",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/root",
    "/var",
    "/srv",
    "/System",
    "/Library",
    "/Applications",
    "/private",
    "/run",
    "/snap",
    "/nix",
    "/mnt",
    "/media",
    "/home",
    "/Users",
];

/// Of those, where people keep content: what is below is theirs, not the system's.
pub(super) const CONTENT: &[&str] = &["/mnt", "/media", "/var/www", "/var/ftp"];

/// Components by which the root of another system is known.
pub(super) const ROOT_PARTS: &[&str] =
    &["etc", "usr", "bin", "sbin", "boot", "lib", "root", "home", "rootfs"];

/// Nobody's project lies below these, whatever folder guard was started in and
/// wherever somebody has put a `.git`.
pub(super) const NEVER_PROJECT: &[&str] = &[
    "/etc",
    "/usr",
    "/bin",
    "/sbin",
    "/boot",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/dev",
    "/proc",
    "/sys",
    "/run",
    "/snap",
    "/nix",
    "/System",
    "/Library",
    "/Applications",
    "/var/log",
    "/var/spool",
    "/var/backups",
];

/// Of those, where sources are kept.
pub(super) const SOURCES: &[&str] = &["/usr/src", "/usr/local/src"];

pub(super) const SCRATCH: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/private/tmp"];

pub(super) const HARMLESS_DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/stdout",
    "/dev/stderr",
    "/dev/stdin",
    "/dev/tty",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/console",
    "/dev/ptmx",
];

/// Character devices and folders below `/dev` that are not disks. Everything
/// else there counts as a block device: a new kind of disk must not be missed.
pub(super) const OTHER_DEVICES: &[&str] = &[
    "/dev/fd/",
    "/dev/pts/",
    "/dev/tcp/",
    "/dev/udp/",
    "/dev/input/",
    "/dev/snd/",
    "/dev/dri/",
    "/dev/net/",
    "/dev/tty",
    "/dev/kvm",
    "/dev/fuse",
    "/dev/log",
    "/dev/rtc",
    "/dev/hpet",
    "/dev/vhost",
    "/dev/watchdog",
    "/dev/mqueue",
    "/dev/hugepages",
    "/dev/cpu",
    "/dev/usb",
    "/dev/video",
    "/dev/serial",
    "/dev/ttyS",
    "/dev/ttyUSB",
    "/dev/hidraw",
];
