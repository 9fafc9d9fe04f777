//! What tokens look like, as data.

/// A kind of token that can be told by how it begins.
pub(super) struct Prefix {
    /// How it begins.
    pub(super) start: &'static str,
    /// The characters after that.
    pub(super) set: Set,
    /// At least this many of them.
    pub(super) min: usize,
    /// The beginning is public (an address) and stays.
    pub(super) keep: bool,
}

/// Character sets of tokens.
#[derive(Clone, Copy)]
pub(super) enum Set {
    /// `A-Z 0-9`
    Upper,
    /// `A-Z a-z 0-9`
    Alnum,
    /// and `_ -`
    Word,
    /// and `. / + = ~ :`
    Wide,
}

impl Set {
    pub(super) const fn has(self, byte: u8) -> bool {
        match self {
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Wide => {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'+' | b'=' | b'~' | b':')
            }
        }
    }
}

const fn token(start: &'static str, set: Set, min: usize) -> Prefix {
    Prefix { start, set, min, keep: false }
}

/// Token formats that their makers document for secret scanning.
pub(super) const PREFIXES: &[Prefix] = &[
    // AWS: long-lived, temporary and bearer key ids.
    token("AKIA", Set::Upper, 16),
    token("ASIA", Set::Upper, 16),
    token("ABIA", Set::Upper, 16),
    token("ACCA", Set::Upper, 16),
    // Alibaba Cloud.
    token("LTAI", Set::Alnum, 12),
    // GitHub.
    token("ghp_", Set::Alnum, 30),
    token("gho_", Set::Alnum, 30),
    token("ghu_", Set::Alnum, 30),
    token("ghs_", Set::Alnum, 30),
    token("ghr_", Set::Alnum, 30),
    token("github_pat_", Set::Word, 30),
    // GitLab.
    token("glpat-", Set::Word, 20),
    token("gldt-", Set::Word, 20),
    token("glrt-", Set::Word, 20),
    token("glptt-", Set::Word, 20),
    token("glcbt-", Set::Word, 20),
    token("glsoat-", Set::Word, 20),
    token("glagent-", Set::Word, 20),
    // Slack.
    token("xoxb-", Set::Word, 10),
    token("xoxp-", Set::Word, 10),
    token("xoxa-", Set::Word, 10),
    token("xoxr-", Set::Word, 10),
    token("xoxs-", Set::Word, 10),
    token("xapp-", Set::Word, 10),
    Prefix { start: "hooks.slack.com/services/", set: Set::Wide, min: 10, keep: true },
    Prefix { start: "discord.com/api/webhooks/", set: Set::Wide, min: 10, keep: true },
    // Stripe.
    token("sk_live_", Set::Alnum, 16),
    token("sk_test_", Set::Alnum, 16),
    token("rk_live_", Set::Alnum, 16),
    token("rk_test_", Set::Alnum, 16),
    token("whsec_", Set::Wide, 16),
    // Package registries.
    token("npm_", Set::Alnum, 36),
    token("pypi-AgE", Set::Word, 16),
    token("rubygems_", Set::Alnum, 40),
    token("dckr_pat_", Set::Word, 20),
    token("oy2", Set::Alnum, 43),
    // Google.
    token("AIza", Set::Word, 35),
    token("ya29.", Set::Wide, 20),
    token("GOCSPX-", Set::Word, 20),
    // Model providers.
    token("sk-ant-", Set::Word, 20),
    token("sk-proj-", Set::Word, 20),
    token("sk-svcacct-", Set::Word, 20),
    token("sk-", Set::Alnum, 40),
    token("hf_", Set::Alnum, 30),
    token("gsk_", Set::Alnum, 40),
    // Infrastructure.
    token("hvs.", Set::Word, 20),
    token("hvb.", Set::Word, 20),
    token("dop_v1_", Set::Alnum, 40),
    token("doo_v1_", Set::Alnum, 40),
    token("tskey-", Set::Word, 16),
    token("SG.", Set::Wide, 40),
    token("shpat_", Set::Alnum, 30),
    token("shpss_", Set::Alnum, 30),
    token("ATATT3", Set::Wide, 40),
    token("PMAK-", Set::Word, 40),
    token("NRAK-", Set::Alnum, 24),
    token("lin_api_", Set::Alnum, 30),
    token("sntrys_", Set::Wide, 30),
    token("AGE-SECRET-KEY-1", Set::Upper, 40),
    token("figd_", Set::Word, 30),
    token("pul-", Set::Alnum, 40),
];
