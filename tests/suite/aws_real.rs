//! What a call of the real `aws` client would hit, in an account that moto plays.
//!
//! Everything is asked of moto on loopback. A client that ignored its endpoint
//! would meet a closed proxy.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Output, Place, output};

/// moto, with a home for its user.
pub struct Account {
    pub place: Place,
    server: Child,
    port: u16,
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|dir| dir.join(program).is_file());
    if !found {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{program} is missing");
        eprintln!("SKIPPED: {program} is not on this machine");
    }
    found
}

impl Account {
    pub fn start() -> Option<Self> {
        if !on_path("aws") || !on_path("moto_server") {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = Place::new();
        let mut server = Command::new("moto_server");
        server.args(["-H", "127.0.0.1", "-p", &port.to_string()]).current_dir(place.path("tmp"));
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let account = Self { place, server: server.spawn().unwrap(), port };
        let until = Instant::now() + Duration::from_secs(60);
        while !account.answers() {
            assert!(Instant::now() < until, "moto does not answer");
            std::thread::sleep(Duration::from_millis(200));
        }
        Some(account)
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let asked = stream.write_all(b"GET /moto-api/ HTTP/1.0\r\nHost: localhost\r\n\r\n");
        let mut begin = [0; 12];
        asked.is_ok() && stream.read_exact(&mut begin).is_ok() && begin.ends_with(b"200")
    }

    /// Runs it where the client reaches moto and nothing else.
    pub fn at_home(&self, command: &mut Command) -> Output {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
        for (name, value) in [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_PAGER", ""),
            ("HTTPS_PROXY", "http://127.0.0.1:9"),
            ("HTTP_PROXY", "http://127.0.0.1:9"),
            ("NO_PROXY", "127.0.0.1"),
        ] {
            command.env(name, value);
        }
        output(command)
    }

    /// What the client prints.
    fn aws(&self, words: &str) -> String {
        let mut command = self.place.command("aws");
        let ran = self.at_home(command.args(words.split(' ')));
        assert_eq!(ran.code, Some(0), "{words}: {}", ran.stderr);
        ran.stdout.trim().to_owned()
    }

    /// What an agent is told about a command that does not run.
    fn asks(&self, words: &str, texts: &[&str]) {
        let words: Vec<&str> = ["--"].into_iter().chain(words.split(' ')).collect();
        let read = || {
            self.place
                .logs()
                .iter()
                .map(|log| std::fs::read_to_string(log).unwrap())
                .collect::<String>()
        };
        let mut before = read().len();
        let mut ran = self.at_home(&mut self.place.guard(&words));
        // A client takes half a second where nothing else runs, and guard gives
        // it three: on a busy machine that is a failed probe, and is asked again.
        let late = |ran: &Output| {
            ["timed out after 3 s", "no probe answered", "protection not read"]
                .iter()
                .any(|text| ran.stderr.contains(text))
        };
        let until = Instant::now() + Duration::from_secs(120);
        while late(&ran) && Instant::now() < until {
            std::thread::sleep(Duration::from_secs(1));
            before = read().len();
            ran = self.at_home(&mut self.place.guard(&words));
        }
        let mut known = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        // What did not fit on the screen is in the record.
        known += &read()[before..];
        for text in texts {
            assert!(known.contains(text), "{text:?} is missing:\n{}\n{known}", ran.stderr);
        }
        assert!(matches!(ran.code, Some(75 | 77)), "{:?}: {}", ran.code, ran.stderr);
    }
}

#[test]
fn the_machines_that_would_go_are_counted_with_their_disks_and_tags() {
    let Some(account) = Account::start() else { return };
    let image = account.aws("ec2 describe-images --query Images[0].ImageId --output text");
    let tags = "ResourceType=instance,Tags=[{Key=Name,Value=web},{Key=env,Value=production}]";
    let ids = account.aws(&format!(
        "ec2 run-instances --image-id {image} --count 3 --tag-specifications {tags} \
         --query Instances[].InstanceId --output text"
    ));
    let ids: Vec<&str> = ids.split_whitespace().collect();
    account.asks(
        &format!("aws ec2 terminate-instances --instance-ids {}", ids.join(" ")),
        &[
            "T4 second human",
            "3 instances, 3 running (web, …), 3 disks with them",
            "no disk is kept",
        ],
    );
    account.asks(
        "aws ec2 terminate-instances --instance-ids i-0123456789abcdef0",
        &["T4 second human", "count unknown (aws: "],
    );
    let state =
        "ec2 describe-instances --query Reservations[].Instances[].State.Name --output text";
    assert_eq!(account.aws(state).matches("running").count(), 3, "a probe changed something");
}

#[test]
fn the_data_that_would_go_is_shown_with_what_would_be_left_of_it() {
    let Some(account) = Account::start() else { return };
    let db = format!("--endpoint-url http://127.0.0.1:{}", account.port);
    account.aws("s3 mb s3://logs-a");
    account.place.write("a.txt", "12345");
    for n in 1..=3 {
        account.aws(&format!("s3 cp a.txt s3://logs-a/d/{n}"));
    }
    account.asks(
        "aws s3 rm s3://logs-a/d/ --recursive",
        &["3 objects, 15 bytes", "versioning is off"],
    );
    account.aws(
        "s3api put-bucket-versioning --bucket logs-a --versioning-configuration Status=Enabled",
    );
    account.asks("aws s3 rm s3://logs-a/d/ --recursive", &["versioning is on: old versions stay"]);
    account.asks("aws s3 rb s3://logs-a --force", &["T4 second human", "and goes with it"]);
    account.asks("aws s3 sync . s3://logs-a/d --delete", &["3 objects deleted at the target"]);

    account.aws(&format!(
        "rds create-db-instance {db} --db-instance-identifier shop --engine postgres \
         --db-instance-class db.t3.micro --allocated-storage 20 --master-username a \
         --master-user-password abcdefgh1"
    ));
    let delete = format!("aws rds delete-db-instance {db} --db-instance-identifier shop");
    account.asks(
        &delete,
        &["1 postgres database of 20 GiB", "no snapshot made by hand, and no last one"],
    );
    account.aws(&format!(
        "rds create-db-snapshot {db} --db-instance-identifier shop --db-snapshot-identifier s1"
    ));
    account.asks(&delete, &["restore it from a backup", "snapshot s1 "]);
    account.asks(
        &format!("{delete} --final-db-snapshot-identifier last"),
        &["this makes the snapshot last"],
    );
    account.aws(
        "dynamodb create-table --table-name users --key-schema AttributeName=a,KeyType=HASH \
         --attribute-definitions AttributeName=a,AttributeType=S --billing-mode PAY_PER_REQUEST",
    );
    account.asks(
        "aws dynamodb delete-table --table-name users",
        &["about 0 items", "point-in-time recovery is off"],
    );
    // Nothing of it has changed.
    assert_eq!(account.aws("s3 ls s3://logs-a/d/").lines().count(), 3);
    account.aws("dynamodb describe-table --table-name users");
    account.aws(&format!("rds describe-db-instances {db} --db-instance-identifier shop"));
}

#[test]
fn what_would_refuse_a_delete_and_what_outlives_it_are_looked_up() {
    let Some(account) = Account::start() else { return };
    let db = format!("--endpoint-url http://127.0.0.1:{}", account.port);
    let made = "--engine postgres --db-instance-class db.t3.micro --allocated-storage 20 \
                --master-username a --master-user-password abcdefgh1 --deletion-protection \
                --backup-retention-period 7";
    account.aws(&format!("rds create-db-instance {db} --db-instance-identifier shop {made}"));
    let delete = format!("aws rds delete-db-instance {db} --db-instance-identifier shop");
    // The automated backups of a database go with it: they are no undo.
    account.asks(
        &delete,
        &["20 GiB, deletion protection on", "no snapshot made by hand, and no last one"],
    );
    account.aws(&format!(
        "rds create-db-cluster {db} --db-cluster-identifier many --engine aurora-postgresql \
         --master-username a --master-user-password abcdefgh1 --deletion-protection"
    ));
    let delete = format!("aws rds delete-db-cluster {db} --db-cluster-identifier many");
    account.asks(
        &delete,
        &["0 databases, deletion protection on", "no snapshot made by hand, and no last one"],
    );
    account.asks(
        &format!("{delete} --final-db-snapshot-identifier last"),
        &["this makes the snapshot last"],
    );
    account.aws(
        "dynamodb create-table --table-name users --key-schema AttributeName=a,KeyType=HASH \
         --attribute-definitions AttributeName=a,AttributeType=S --billing-mode PAY_PER_REQUEST \
         --deletion-protection-enabled",
    );
    let delete = "aws dynamodb delete-table --table-name users";
    account.asks(delete, &["0 bytes, deletion protection on", "point-in-time recovery is off"]);
    account.aws(
        "dynamodb update-continuous-backups --table-name users \
         --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
    );
    account.asks(delete, &["point-in-time recovery is on: AWS keeps a backup for 35 days"]);
}

#[test]
fn i01_an_environment_and_a_stack_are_shown_with_what_stands_in_them() {
    let Some(account) = Account::start() else { return };
    account.aws("elasticbeanstalk create-application --application-name cost");
    account.aws(
        "elasticbeanstalk create-environment --application-name cost --environment-name cost-web \
         --solution-stack-name x --tags Key=env,Value=production",
    );
    for operation in ["rebuild-environment", "terminate-environment"] {
        account.asks(
            &format!("aws elasticbeanstalk {operation} --environment-name cost-web"),
            // moto has no resources of an environment: what is not seen is said.
            &["T4 second human", "1 environment, its machines not counted", "cost-web, Grey"],
        );
    }
    let template = r#"{"Resources":{"B":{"Type":"AWS::S3::Bucket","DeletionPolicy":"Retain"},"Q":{"Type":"AWS::SQS::Queue"}}}"#;
    account
        .aws(&format!("cloudformation create-stack --stack-name shop --template-body {template}"));
    account.asks(
        "aws cloudformation delete-stack --stack-name shop",
        &[
            "T4 second human",
            "2 resources: 1 S3::Bucket, 1 SQS::Queue, 1 kept by a deletion policy",
            "termination protection is off",
        ],
    );
    account.asks("aws cloudformation delete-stack --stack-name none", &["count unknown (aws: "]);
    account.aws("cloudformation describe-stacks --stack-name shop");
}

#[test]
fn whoever_may_do_everything_is_named_and_raises_the_tier() {
    let Some(account) = Account::start() else { return };
    account.aws("iam create-user --user-name ops");
    let allow =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let arn = account.aws(&format!(
        "iam create-policy --policy-name PowerUserAccess --policy-document {allow} \
         --query Policy.Arn --output text"
    ));
    account.aws(&format!("iam attach-user-policy --user-name ops --policy-arn {arn}"));
    let key = account.aws(
        "iam create-access-key --user-name ops --output text \
         --query AccessKey.[AccessKeyId,SecretAccessKey]",
    );
    let own = format!("--endpoint-url http://127.0.0.1:{}", account.port);
    let (id, secret) = key.split_once('\t').unwrap();
    account.aws(&format!("sqs create-queue {own} --queue-name jobs"));
    let queue = account.aws(&format!("sqs get-queue-url {own} --queue-name jobs --output text"));
    let purge = format!("aws sqs purge-queue {own} --queue-url {queue}");
    account.asks(&purge, &["about 0 messages", "arn:aws:sts::123456789012:user/moto"]);
    let keys = format!("env AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}");
    account.asks(
        &format!("{keys} aws iam delete-user --user-name ops"),
        &[
            "PowerUserAccess: wider than needed",
            "1 user, 1 active key, 1 attached policy, the identity that this command uses",
        ],
    );
}

#[test]
fn a_change_set_is_looked_at_before_it_is_executed() {
    let Some(account) = Account::start() else { return };
    let stack = |name: &str, template: &str| {
        let words =
            format!("cloudformation create-stack --stack-name {name} --template-body {template}");
        account.aws(&words);
    };
    stack(
        "user",
        r#"{"Resources":{"P":{"Type":"AWS::SSM::Parameter","Properties":{"Type":"String","Name":"u","Value":"x"}}}}"#,
    );
    account.aws(
        r#"cloudformation create-change-set --stack-name user --change-set-name less --template-body {"Resources":{"T":{"Type":"AWS::SNS::Topic"}}}"#,
    );
    account.asks(
        "aws cloudformation execute-change-set --stack-name user --change-set-name less",
        // moto lists what is added only.
        &["1 change ["],
    );
    account.aws("ssm get-parameter --name u");
}

#[test]
fn what_protects_a_machine_and_what_customers_reach_it_by_is_shown() {
    let Some(account) = Account::start() else { return };
    let image = account.aws("ec2 describe-images --query Images[0].ImageId --output text");
    let id = account.aws(&format!(
        "ec2 run-instances --image-id {image} --query Instances[].InstanceId --output text"
    ));
    account.aws(&format!(
        "ec2 modify-instance-attribute --instance-id {id} --disable-api-termination"
    ));
    account.asks(
        &format!("aws ec2 terminate-instances --instance-ids {id}"),
        &["termination protection on, 1 instance, 1 running"],
    );
    let text = |words: &str| account.aws(&format!("{words} --output text"));
    let vpc = text("ec2 describe-vpcs --query Vpcs[0].VpcId");
    let group = text(&format!(
        "ec2 create-security-group --group-name web --description d --vpc-id {vpc} --query GroupId"
    ));
    let net = text("ec2 describe-subnets --query Subnets[0].SubnetId");
    account.aws(&format!("ec2 create-network-interface --subnet-id {net} --groups {group}"));
    account.asks(
        &format!("aws ec2 delete-security-group --group-id {group}"),
        &["1 security group, used by 1 network interface, 0 of machines"],
    );
    let nets = text("ec2 describe-subnets --query Subnets[0:2].SubnetId").replace('\t', " ");
    let balancer = text(&format!(
        "elbv2 create-load-balancer --name front --subnets {nets} --scheme internet-facing \
         --query LoadBalancers[0].LoadBalancerArn"
    ));
    let targets = text(&format!(
        "elbv2 create-target-group --name web --protocol HTTP --port 80 --vpc-id {vpc} \
         --query TargetGroups[0].TargetGroupArn"
    ));
    account.aws(&format!(
        "elbv2 create-listener --load-balancer-arn {balancer} --protocol HTTP --port 80 \
         --default-actions Type=forward,TargetGroupArn={targets}"
    ));
    account.aws(&format!("elbv2 register-targets --target-group-arn {targets} --targets Id={id}"));
    account.asks(
        &format!("aws elbv2 delete-load-balancer --load-balancer-arn {balancer}"),
        &["1 load balancer (front), 1 target group", "from the internet at front-"],
    );
    account.asks(
        &format!("aws elbv2 delete-target-group --target-group-arn {targets}"),
        &["a group of 1 target, 1 healthy"],
    );
    text("elbv2 describe-load-balancers --query LoadBalancers[0].DNSName");
}

#[test]
fn caches_file_systems_domains_and_streams_are_shown_with_what_they_hold() {
    let Some(account) = Account::start() else { return };
    let at = format!("--endpoint-url http://127.0.0.1:{}", account.port);
    account.aws(&format!(
        "elasticache create-cache-cluster {at} --cache-cluster-id front --engine redis \
         --num-cache-nodes 1 --cache-node-type cache.t3.micro"
    ));
    account.asks(
        &format!("aws elasticache delete-cache-cluster {at} --cache-cluster-id front"),
        &["a cache of 1 node (redis)", "no snapshots of its own"],
    );
    let id = account.aws(&format!(
        "efs create-file-system {at} --creation-token a --query FileSystemId --output text"
    ));
    account.asks(
        &format!("aws efs delete-file-system {at} --file-system-id {id}"),
        &["a file system of ", " bytes, 0 mount targets", "whether it is backed up is not known"],
    );
    account.aws(&format!(
        "opensearch create-domain {at} --domain-name find \
         --cluster-config InstanceType=t3.small.search,InstanceCount=3"
    ));
    account.asks(
        &format!("aws opensearch delete-domain {at} --domain-name find"),
        &["a domain of 3 nodes", "its snapshots go with it"],
    );
    account.aws(&format!("kinesis create-stream {at} --stream-name clicks --shard-count 2"));
    account.asks(
        &format!("aws kinesis delete-stream {at} --stream-name clicks"),
        &["a stream of 2 shards with up to 24 h of records, 0 registered consumers"],
    );
    account.aws(&format!("kinesis describe-stream-summary {at} --stream-name clicks"));
    account.aws(&format!("efs describe-file-systems {at} --file-system-id {id}"));
}
