//! What is generated and committed is what would be generated now.

#[path = "../../examples/generate/rules.rs"]
mod rules;

#[test]
fn compiled_rules_are_up_to_date() {
    let result = rules::generate(true);
    assert!(result.is_ok(), "{}", result.unwrap_err());
}
