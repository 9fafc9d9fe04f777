//! The integration tests: one binary, one module for each topic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::too_many_lines,
    unreachable_pub,
    reason = "tests say what they skip, and fail by panicking"
)]

mod after;
mod architecture;
mod aws_operations;
mod aws_real;
mod bypass;
mod bypass_flow;
mod casebook;
mod checkpoints;
mod cli_bad_input;
mod cli_check;
mod cli_run;
mod cli_understands;
mod databases_real;
mod demo;
mod dialog;
mod docker_real;
mod docs;
mod etcd_real;
mod export;
mod export_oracles;
mod generated;
mod grammar_clients;
mod grammar_drift;
mod guide;
mod harness;
mod hook;
mod incidents;
mod init;
mod kube_real;
mod log_by_hand;
mod log_cli;
mod log_faults;
mod log_index;
mod log_kill;
mod log_order;
mod log_rotate;
mod log_tamper;
mod mcp;
mod other_ways;
mod pager;
mod pages;
mod picture;
mod played;
mod policy;
mod probes;
mod probes_families;
mod probes_more;
mod prompt_api;
mod prompt_pty;
mod reads;
mod real_clients;
mod reconcile;
mod report;
mod round_trip;
mod rules_author;
mod run_binding;
mod run_child;
mod run_place;
mod run_pty;
mod scripts;
mod second;
mod secrets;
mod sequences;
mod shell_mode;
mod shell_oracle;
mod shell_oracle_grammar;
mod shell_oracle_state;
mod shell_oracle_words;
mod shims;
mod stats;
mod terminals;
mod terraform_plan;
mod terraform_real;
mod throwaway;
mod tool_files;
