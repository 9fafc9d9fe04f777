use serde_json::json;

use super::BACKUP;
use super::changes::{self, Changes};
use super::here::older;
use super::types::{Kept, Types, undo};
use crate::model::{Count, Flag};

fn flags(kinds: &[&str]) -> Vec<Flag> {
    let mut types = Types::default();
    kinds.iter().for_each(|kind| types.add(kind, 1));
    types.flags()
}

#[test]
fn what_a_destroy_takes_with_it_is_told_by_the_types_in_its_state() {
    assert_eq!(flags(&["aws_instance"]), []);
    assert_eq!(flags(&["aws_db_instance"]), [Flag::Data]);
    // A backup in the same state goes with its data.
    assert_eq!(flags(&["aws_db_instance", "aws_db_snapshot"]), [Flag::Data, Flag::Backup]);
    assert_eq!(flags(&["aws_s3_bucket", "aws_backup_vault"]), [Flag::Data, Flag::Backup]);
    for door in
        ["aws_iam_role", "google_compute_firewall", "azurerm_role_assignment", "aws_route53_zone"]
    {
        assert_eq!(flags(&[door]), [Flag::Access], "{door}");
    }
}

#[test]
fn a_final_snapshot_that_is_skipped_is_said_before_one_that_is_made() {
    let mut kept = Kept::default();
    assert_eq!(undo(&kept, "new ones"), "new ones");
    kept.add(&json!({"skip_final_snapshot": false, "deletion_protection": true}));
    kept.add(&json!({"skip_final_snapshot": true, "deletion_protection": false}));
    kept.add(&json!({"skip_final_snapshot": "true", "name": 1}));
    kept.add(&json!(null));
    assert_eq!(
        kept.words(),
        "1 database without a final snapshot, 1 database with a final snapshot, \
         1 database protected from deletion"
    );
}

#[test]
fn a_plan_that_cuts_access_off_and_drops_a_last_copy_says_so() {
    let plan = json!({"resource_changes": [
        {"type": "aws_iam_role", "change": {"actions": ["delete"], "before": {}}},
        {"type": "aws_db_instance", "change": {"actions": ["delete", "create"],
            "before": {"skip_final_snapshot": true}}},
        {"type": "aws_rds_cluster", "change": {"actions": ["update"],
            "before": {"skip_final_snapshot": true}}},
    ]});
    let changes = Changes::read(&plan);
    assert_eq!(changes.lost.flags(), [Flag::Data, Flag::Access]);
    assert_eq!(changes.kept.words(), "1 database without a final snapshot");
}

#[test]
fn a_state_with_a_lower_number_than_the_one_before_it_was_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let state = json!({"serial": 4, "lineage": "a"});
    assert_eq!(older(&state, dir.path()), None);
    for (before, told) in [
        (json!({"serial": 9}), Some("an older state was put back: serial 4 after 9")),
        (json!({"serial": 3}), None),
        (json!({"serial": "9"}), None),
        (json!([]), None),
    ] {
        std::fs::write(dir.path().join(BACKUP), before.to_string()).unwrap();
        assert_eq!(older(&state, dir.path()).as_deref(), told);
    }
}

#[test]
fn types_are_read_from_addresses_in_modules_and_with_keys() {
    let all = [
        "aws_db_instance.main",
        r#"module.shop["a.module.b"].module.x[0].aws_db_instance.main["k.\"]."]"#,
        "module.shop.data.aws_ami.image",
        "data.aws_ami.image",
        "terraform_data.web[3]",
        "module",
        "",
        "module.x",
        "[\"",
    ];
    let types = Types::of(all.into_iter());
    assert_eq!(types.flags(), [Flag::Data]);
    assert_eq!(types.total(), 4);
    assert_eq!(types.words(), "2 aws_db_instance, 1 terraform_data, 1 [\"");
}

#[test]
fn a_plan_that_leaves_something_for_later_or_forgets_is_said_to() {
    let plan = json!({"complete": false, "resource_changes": [
        {"type": "aws_db_instance", "change": {"actions": ["forget"]}},
        {"type": "aws_db_instance", "change": {"actions": ["forget"]}},
    ]});
    let found = changes::found(&plan);
    assert_eq!(found.count, Count::AtLeast(2));
    assert_eq!(found.hits, "0 to delete, 0 to replace, 0 new, 2 forgotten");
}
