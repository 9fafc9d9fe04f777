//! Command lines and how they are read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{Reading, Role, read, tool_name};
use crate::model::{Cause, Certainty, OpClass, Part, Span, Word};

/// Words parted by blanks; `_` is a blank inside a word, `$X` a hole.
pub(super) fn words(line: &str) -> Vec<Word> {
    let mut at = 0;
    line.split(' ')
        .map(|text| {
            let span = Span::new(at, at + text.len());
            at = span.end + 1;
            word(&text.replace('_', " "), span)
        })
        .collect()
}

fn word(text: &str, span: Span) -> Word {
    let Some((before, name)) = text.split_once('$') else { return Word::text(text, span) };
    let mut out = Word::text(before, span);
    out.parts.extend(Word::hole(format!("${name}"), Cause::Variable, span).parts);
    out
}

pub(super) fn readings(line: &str) -> Vec<Reading> {
    let argv = words(line);
    read(&tool_name(argv[0].as_static().unwrap()), &argv)
}

fn show(reading: &Reading) -> String {
    let mut out = reading.subcommand.join(" ");
    for opt in &reading.options {
        out += &format!(" [{}", opt.name);
        if let Some(value) = &opt.value {
            out += &format!("={}", value.display());
        }
        out += "]";
    }
    for operand in &reading.operands {
        out += &format!(" {}", operand.display());
    }
    if reading.certainty != Certainty::Exact {
        out += " ?";
    }
    out.trim().to_owned()
}

#[track_caller]
fn one(line: &str, expected: &str) -> Reading {
    let all = readings(line);
    let shown: Vec<String> = all.iter().map(show).collect();
    assert_eq!(shown, [expected], "{line}");
    all.into_iter().next().unwrap()
}

#[test]
fn global_options_stand_before_between_and_after_the_verb() {
    one("kubectl -n prod delete ns x", "delete [-n=prod] ns x");
    one("kubectl delete -n prod ns x", "delete [-n=prod] ns x");
    one("kubectl --context=prod delete ns/x", "delete [--context=prod] ns/x");
    one("kubectl --namespace=prod delete ns/x", "delete [--namespace=prod] ns/x");
    one(
        "kubectl --context prod -nprod rollout undo deploy/x",
        "rollout undo [--context=prod] [-n=prod] deploy/x",
    );
    one("helm -n x uninstall y", "uninstall [-n=x] y");
    one("helm delete y", "uninstall y");
    one("git -C x -c a.b=c reset --hard", "reset [-C=x] [-c=a.b=c] [--hard]");
    one("/usr/bin/git push origin :main", "push origin :main");
    one("git --no-pager log --oneline main", "log [--no-pager] [--oneline] main");
    one("git diff -C HEAD~1 src", "diff [-C] HEAD~1 src");
    one("docker --context c compose -f f down -v", "compose down [--context=c] [-f=f] [-v]");
    one("docker-compose -f f down -v", "compose down [-f=f] [-v]");
    one("docker compose logs -f web", "compose logs [-f] web");
    one("npm --prefix d run x", "run [--prefix=d] x");
    one("npm rm left-pad", "uninstall left-pad");
    one("systemctl --user stop x", "stop [--user] x");
    one("cargo +nightly build --release", "build [+nightly] [--release]");
    one("podman --log-level debug pod rm -af", "pod rm [--log-level=debug] [-a] [-f]");
    one("oc delete project x", "delete project x");
    one("ip netns exec blue rm -rf /x", "netns exec blue rm -rf /x");
    one("ip l del eth0", "link delete eth0");
}

#[test]
fn go_flags_have_one_dash_or_two() {
    let reading = one(
        "terraform -chdir=a apply -auto-approve -var a=b",
        "apply [-chdir=a] [-auto-approve] [-var=a=b]",
    );
    assert_eq!(reading.class, Some(OpClass::Modify));
    one("tofu -chdir=a destroy", "destroy [-chdir=a]");
    one("terraform apply --auto-approve -target x.y", "apply [-auto-approve] [-target=x.y]");
    one("terraform apply -input=false plan.out", "apply [-input=false] plan.out");
    one("terraform apply -input plan.out", "apply [-input] plan.out");
    one("vault kv delete -mount=secret a", "kv delete [-mount=secret] a");
    assert_eq!(one("terraform plan -destroy", "plan [-destroy]").class, Some(OpClass::Read));
    assert_eq!(one("terraform state rm a.b", "state rm a.b").class, Some(OpClass::Delete));
    assert_eq!(one("terraform workspace list", "workspace list").class, Some(OpClass::Read));
}

#[test]
fn operations_of_aws_have_a_class() {
    let class = |line: &str| readings(line)[0].class;
    let reading = one(
        "aws --profile p --region r ec2 terminate-instances --instance-ids i-1 i-2 --dry-run",
        "ec2 terminate-instances [--profile=p] [--region=r] [--instance-ids=i-1] [--instance-ids=i-2] [--dry-run]",
    );
    assert_eq!(reading.class, Some(OpClass::Delete));
    one("aws s3 rm --recursive s3://b/ --profile p", "s3 rm [--recursive] [--profile=p] s3://b/");
    one("aws s3 --region eu-1 cp a s3://b", "s3 cp [--region=eu-1] a s3://b");
    one("aws configure set region x", "configure set region x");
    one(
        "aws ec2 wait instance-running --instance-ids i",
        "ec2 wait instance-running [--instance-ids=i]",
    );
    assert_eq!(class("aws ec2 describe-instances"), Some(OpClass::Read));
    assert_eq!(class("aws ec2 wait instance-running"), Some(OpClass::Read));
    assert_eq!(class("aws s3 rm s3://b"), Some(OpClass::Delete));
    assert_eq!(class("aws s3 ls"), Some(OpClass::Read));
    assert_eq!(class("aws help"), Some(OpClass::Read));
    assert_eq!(class("aws ec2 help"), Some(OpClass::Read));
    assert_eq!(class("aws ec2"), Some(OpClass::Read));
    assert_eq!(class("aws"), Some(OpClass::Read));
    assert_eq!(class("aws ec2 run-instances --generate-cli-skeleton"), Some(OpClass::Read));
    assert_eq!(class("aws ecr batch-delete-image --repository-name r"), Some(OpClass::Delete));
    assert_eq!(class("aws kms schedule-key-deletion --key-id k"), Some(OpClass::Delete));
    assert_eq!(class("aws cloudformation delete-stack --stack-name s"), Some(OpClass::Delete));
    assert_eq!(class("aws ssm send-command"), Some(OpClass::Execute));
    assert_eq!(class("aws iam attach-user-policy --user-name u"), Some(OpClass::Access));
    assert_eq!(class("aws secretsmanager get-secret-value"), Some(OpClass::ReadSecret));
    assert_eq!(class("aws sts get-caller-identity"), Some(OpClass::Read));
    assert_eq!(class("aws brandnew frobnicate-thing"), Some(OpClass::Unknown));
    assert_eq!(class("aws $S"), None);
    assert_eq!(class("aws ec2 $OP --instance-ids i"), None);
}

#[test]
fn an_operation_tells_what_it_does_although_its_service_is_not_known() {
    let class = |line: &str| readings(line)[0].class;
    assert_eq!(class("aws $S terminate-instances"), Some(OpClass::Delete));
    assert_eq!(class("aws --region r $S describe-events"), Some(OpClass::Read));
    assert_eq!(class("aws ec2 describe-$KIND"), Some(OpClass::Read));
    assert_eq!(class("aws ec2 delete-$KIND"), Some(OpClass::Delete));
    // The strictest of all services that have it.
    assert_eq!(class("aws $S rebuild-environment"), Some(OpClass::Delete));
    assert_eq!(class("aws $S get-secret-value"), Some(OpClass::ReadSecret));
    // The unknown word held options.
    one("aws $OPTS s3 ls", "s3 ls");
    one("aws $OPTS translate delete-terminology", "translate delete-terminology");
    assert_eq!(class("gcloud compute $KIND list"), Some(OpClass::Read));
    assert_eq!(class("gcloud compute $KIND delete x"), Some(OpClass::Delete));
    assert_eq!(class("az $KIND delete -n x"), Some(OpClass::Delete));
    assert_eq!(class("gcloud compute $KIND"), None);
}

#[test]
fn tools_without_a_verb_list_are_read_by_the_words_of_all() {
    let class = |line: &str| readings(line)[0].class;
    assert_eq!(class("aliyun ecs DeleteInstance"), Some(OpClass::Delete));
    assert_eq!(class("aliyun ecs DescribeInstances"), Some(OpClass::Read));
    assert_eq!(class("ibmcloud is instance-delete i"), Some(OpClass::Delete));
    assert_eq!(class("linode-cli lke clusters-list"), Some(OpClass::Read));
    assert_eq!(class("oci network security-list update"), Some(OpClass::Modify));
    assert_eq!(class("hcloud server poweroff web"), Some(OpClass::Disrupt));
}

#[test]
fn groups_of_gcloud_and_az_end_at_the_operation() {
    let reading = one(
        "gcloud --project p compute instances delete vm-1 --zone z --quiet vm-2",
        "compute instances delete [--project=p] [--zone=z] [--quiet] vm-1 vm-2",
    );
    assert_eq!(reading.class, Some(OpClass::Delete));
    let beta = one("gcloud beta run services delete s", "run services delete s");
    assert_eq!(beta.class, Some(OpClass::Delete));
    assert_eq!(readings("gcloud config set project x")[0].class, Some(OpClass::Local));
    let policy = one(
        "gcloud projects add-iam-policy-binding p --member m --role r",
        "projects add-iam-policy-binding [--member=m] [--role=r] p",
    );
    assert_eq!(policy.class, Some(OpClass::Access));
    let az =
        one("az vm delete -g rg --ids a b --yes", "vm delete [-g=rg] [--ids=a] [--ids=b] [--yes]");
    assert_eq!(az.class, Some(OpClass::Delete));
    assert_eq!(readings("az group list -o table")[0].class, Some(OpClass::Read));
    assert_eq!(readings("az keyvault secret show --name n")[0].class, Some(OpClass::ReadSecret));
    let new = one("gcloud shinynew things delete x", "shinynew things delete x");
    assert_eq!(new.class, Some(OpClass::Delete));
    let words = one("hcloud server delete web-1", "server delete web-1");
    assert_eq!(words.class, Some(OpClass::Delete));
    assert_eq!(words.operands.len(), 1);
}

#[test]
fn letters_values_and_abbreviations_of_getopt() {
    one("rm -rf -- -x", "[-r] [-f] -x");
    one("rm x --recurs -f", "[--recursive] [-f] x");
    one("tar -xzf a", "[-x] [-z] [-f=a]");
    one("tar xzf a", "[-x] [-z] [-f=a]");
    one("tar cfC a.tar /src .", "[-c] [-f=a.tar] [-C=/src] .");
    one("head -20 x", "[-20] x");
    one("head -n20 x", "[-n=20] x");
    one("make -j 4 -C d all", "[-j=4] [-C=d] all");
    one("make -j all", "[-j] all");
    one("chmod -R 777 x", "[-R] 777 x");
    one("chmod -x f", "-x f");
    one("sed -i s/a/b/ f", "[-i] s/a/b/ f");
    one("sed -i.bak -e s/a/b/ f", "[-i=.bak] [-e=s/a/b/] f");
    one("curl -fsSL url -o f", "[-f] [-s] [-S] [-L] [-o=f] url");
    one("git push --forc", "push [--forc]");
    one("git push --force-w origin", "push [--force-with-lease] origin");
    one("git clean --forc -dx", "clean [--force] [-d] [-x]");
    one("git reset --har", "reset [--hard]");
    one("dd if=a of=b", "[if==a] [of==b]");
    one("psql -h 127.0.0.1 -U u -c drop_table_x", "[-h=127.0.0.1] [-U=u] [-c=drop table x]");
    one("mysql -uroot -p db -e DROP_TABLE_x", "[-u=root] [-p] [-e=DROP TABLE x] db");
    one("redis-cli -n 2 FLUSHALL", "[-n=2] FLUSHALL");
    one("kill -9 1", "[-9] 1");
    one("kill -KILL 1", "[-KILL] 1");
    one("kubectl scale --replicas=0 deploy x", "scale [--replicas=0] deploy x");
    one("kubectl delete pod x --force=false", "delete [--force=false] pod x");
    one("kubectl apply --dry-run client -f x", "apply [--dry-run] [-f=x] client");
}

#[test]
fn wrappers_keep_the_inner_command_as_it_is() {
    one("ssh -p 22 -o A=b host rm -rf /", "[-p=22] [-o=A=b] host rm -rf /");
    one("ssh host -p 22 rm -rf /", "[-p=22] host rm -rf /");
    one("sudo -u x -E rm", "[-u=x] [-E] rm");
    one("sudo -nu x -- rm -r y", "[-n] [-u=x] rm -r y");
    one("xargs -I{} -n 1 rm {}", "[-I={}] [-n=1] rm {}");
    one("xargs -r rm -rf", "[-r] rm -rf");
    one("env -i A=b rm -f", "[-i] A=b rm -f");
    one("timeout -k 5 10 rm -f", "[-k=5] 10 rm -f");
    one("nice -n 5 rm -f", "[-n=5] rm -f");
    one("docker run --rm -it img sh -c x", "run [--rm] [-i] [-t] img sh -c x");
    one("docker exec -it c rm -rf x", "exec [-i] [-t] c rm -rf x");
    one("bash -lc rm_-rf_x arg", "[-l] [-c] rm -rf x arg");
    one("bash +e -o pipefail -c x", "[+e] [-o=pipefail] [-c] x");
    one("python3 -c code -f x", "[-c=code] -f x");
    one("python3.11 -m http.server -d x", "[-m=http.server] -d x");
    one("su - user -c rm", "[-c=rm] - user");
    let exec = one("kubectl exec -n p pod -- rm -rf x", "exec [-n=p] pod rm -rf x");
    assert_eq!((exec.dashdash, exec.operand_positions), (Some(5), vec![4, 6, 7, 8]));
}

#[test]
fn find_has_paths_then_an_expression() {
    one(
        "find . -name x -exec rm {} +",
        ". ".trim_end().replace('.', "[-name=x] [-exec=rm] [-exec={}] [-exec=+] .").as_str(),
    );
    one(
        r"find -L a b ( -type f -o -empty ) -exec rm -f {} ; -delete",
        "[-L] [(] [-type=f] [-o] [-empty] [)] [-exec=rm] [-exec=-f] [-exec={}] [-exec=;] [-delete] a b",
    );
    one("find / -maxdepth 1 $ACTION", "[-maxdepth=1] / $ACTION");
}

#[test]
fn what_is_unknown_makes_the_shape_uncertain_only_before_the_verb() {
    assert!(one("kubectl $VERB ns x", "$VERB ns x ?").subcommand.is_empty());
    one("kubectl delete ns $NS", "delete ns $NS");
    one("kubectl --context=$X delete ns x", "delete [--context=$X] ns x");
    one("kubectl --context $X delete ns x", "delete [--context=$X] ns x");
    one("kubectl -n$X delete ns x", "delete [-n=$X] ns x");
    one("kubectl --$X delete ns x", "delete [--*=$X] ns x ?");
    one("git $OPTS push", "$OPTS push ?");
    one("git push $OPTS", "push $OPTS");
    one("terraform apply -var=a=$X", "apply [-var=a=$X]");
    let value = readings("kubectl -n pre$X delete ns x")[0].options[0].value.clone().unwrap();
    assert_eq!(value.parts.len(), 2);
    assert!(matches!(value.parts[1], Part::Hole(_)));
}

#[test]
fn an_unlisted_option_is_read_both_ways_where_it_matters() {
    let shown = |line: &str| readings(line).iter().map(show).collect::<Vec<_>>();
    assert_eq!(
        shown("kubectl delete ns x --brandnew y"),
        ["delete [--brandnew] ns x y", "delete [--brandnew=y] ns x"]
    );
    assert_eq!(
        shown("helm --brandnew list uninstall x"),
        ["list [--brandnew] uninstall x", "uninstall [--brandnew=list] x"]
    );
    // Only one of the readings arrives at a subcommand.
    assert_eq!(shown("helm --brandnew v uninstall x"), ["uninstall [--brandnew=v] x"]);
    assert_eq!(shown("helm --brandnew uninstall x"), ["uninstall [--brandnew] x"]);
    assert!(shown("kubectl --a b --c d --e f delete g h").len() <= super::MAX_READINGS);
    // A dry run that is the value of another option is none.
    let swallowed = readings("kubectl --brandnew --dry-run=client delete ns x");
    assert!(swallowed.iter().any(|r| r.options.len() == 1));
    assert!(!readings("kubectl --brandnew delete x")[0].options[0].known);
    assert!(readings("kubectl --namespace=p delete x")[0].options[0].known);
}

#[test]
fn plugins_and_unknown_tools() {
    let plugin = one("kubectl ctx prod", "ctx prod");
    assert!(plugin.unknown_subcommand && plugin.subcommand.is_empty());
    let unknown =
        one("frobnicate -abc -n5 --x=y z --q w", "[-a] [-b] [-c] [-n5] [--x=y] [--q] z w");
    assert!(!unknown.unknown_subcommand && unknown.options.iter().all(|opt| !opt.known));
    assert!(read("git", &[]).len() == 1);
}

#[test]
fn names_of_tools() {
    for (program, name) in [
        ("/usr/bin/git", "git"),
        ("GIT.EXE", "GIT"),
        ("git.exe", "git"),
        ("tofu", "terraform"),
        ("k", "kubectl"),
        ("python3.11", "python3"),
        ("python2.7", "python"),
        ("pip3.12", "pip"),
        ("perl5.36.0", "perl"),
        ("gmake", "make"),
        ("docker-compose", "docker-compose"),
        ("frob-2", "frob-2"),
        ("7z", "7z"),
        ("", ""),
        ("git push", "git push"),
    ] {
        assert_eq!(tool_name(program), name, "{program}");
    }
}

#[test]
fn values_keep_their_place_in_the_text() {
    let reading = one("kubectl --context=prod delete x", "delete [--context=prod] x");
    assert_eq!(reading.options[0].value.as_ref().unwrap().span, Span::new(18, 22));
    assert_eq!(reading.roles, [Role::Program, Role::Option, Role::Subcommand, Role::Operand]);
}
