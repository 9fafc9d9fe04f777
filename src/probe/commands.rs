//! Every command that a probe may start, each with the reason why it cannot
//! change anything. `docs/probes.md` prints this table and a test compares the
//! two; [`super::client`] starts nothing that is not of this table.

/// A read-only command of a probe.
#[derive(Debug)]
pub struct Command {
    /// The program, looked up by name.
    pub program: &'static str,
    /// Its arguments; `{}` stands for words of the command that is judged.
    pub words: &'static str,
    /// Why it writes nothing.
    pub proof: &'static str,
}

macro_rules! commands {
    ($($name:ident: $program:literal, $words:literal, $proof:literal;)*) => {
        $(pub(super) const $name: &Command =
            &Command { program: $program, words: $words, proof: $proof };)*
        /// All of them.
        pub const ALL: &[&Command] = &[$($name),*];
    };
}

commands! {
    FIND: "find", "{} -print0",
        "The words are those of the command without its action; a command with any other action \
         than -delete is not probed. What is left only tests names and prints them.";
    RSYNC: "rsync", "-n -i {} -- {}",
        "-n copies and deletes nothing (rsync(1)); only between folders of this machine, with \
         options that start and write nothing, and without the aliases of a home.";
    GIT_ROOT: "git", "{} -c core.fsmonitor= -c core.hooksPath=/dev/null rev-parse --show-toplevel",
        "rev-parse only prints.";
    GIT_STATUS: "git",
        "{} -c core.fsmonitor= -c core.hooksPath=/dev/null status --porcelain=v1 -z --no-renames {} -- {}",
        "status writes nothing but a refreshed index, and GIT_OPTIONAL_LOCKS=0 forbids that.";
    GIT_TRACKED: "git",
        "{} -c core.fsmonitor= -c core.hooksPath=/dev/null ls-files -v -z -- {}",
        "ls-files reads the index.";
    GIT_COUNT: "git",
        "{} -c core.fsmonitor= -c core.hooksPath=/dev/null log -z --no-show-signature --format=%an%x09%s {} --",
        "log reads commits; signatures, which would start a program, are off.";
    GIT_RESOLVE: "git",
        "{} -c core.fsmonitor= -c core.hooksPath=/dev/null rev-parse --verify --quiet --end-of-options {}",
        "rev-parse only prints.";
    GIT_CONFIG: "git", "{} config --get {}", "--get only prints.";
    GIT_BRANCH: "git", "{} symbolic-ref --quiet --short HEAD", "With one name symbolic-ref only prints.";
    GIT_REMOTE: "git",
        "{} -c core.fsmonitor= -c core.hooksPath=/dev/null ls-remote -q -- {}",
        "ls-remote asks the remote for its list of branches; nothing is fetched or stored.";
    GIT_STASHES: "git",
        "{} -c core.fsmonitor= -c core.hooksPath=/dev/null stash list -z --format=%gd%x09%gs",
        "stash list prints the reflog of the stash.";
    GIT_LOOSE: "git", "{} -c core.fsmonitor= -c core.hooksPath=/dev/null count-objects -v",
        "count-objects reads the folders of the objects and prints numbers.";
    KUBE_KINDS: "kubectl",
        "{} api-resources --verbs=list,delete --namespaced=true -o name --request-timeout=3s",
        "Only GETs of the discovery documents; kubectl keeps them in its own cache folder.";
    KUBE_NAMES: "kubectl", "{} get {} -o name --ignore-not-found --request-timeout=3s",
        "get sends only GETs.";
    KUBE_JSON: "kubectl", "{} get {} -o json --ignore-not-found --request-timeout=3s",
        "get sends only GETs.";
    KUBE_OWNERS: "kubectl",
        "{} get {} -o custom-columns=K:.kind,U:.metadata.uid,O:.metadata.ownerReferences[*].uid --no-headers --ignore-not-found --request-timeout=3s",
        "get sends only GETs.";
    KUBE_READY: "kubectl",
        "{} get nodes -o custom-columns=T:.status.conditions[*].type,S:.status.conditions[*].status --no-headers --request-timeout=3s",
        "get sends only GETs.";
    KUBE_BUDGETS: "kubectl",
        "{} get poddisruptionbudgets --all-namespaces -o custom-columns=A:.status.disruptionsAllowed --no-headers --ignore-not-found --request-timeout=3s",
        "get sends only GETs.";
    KUBE_WHOAMI: "kubectl", "{} auth whoami -o json --request-timeout=3s",
        "Sends a SelfSubjectReview: the server answers it and stores nothing.";
    KUBE_CAN_ALL: "kubectl", "{} auth can-i * * --all-namespaces --request-timeout=3s",
        "Sends a SelfSubjectAccessReview: the server answers it and stores nothing.";
    TERRAFORM_PLAN: "terraform", "{} plan -input=false -lock=false -no-color -compact-warnings {} -out=/dev/stdin",
        "It takes no lock and writes no state; the plan goes into a file without a name that is its standard \
         input. Providers and the programs of a `data \"external\"` run, as they do in `plan`, which guard \
         does not ask about. Never in a folder that is not initialised, never with HCP Terraform (it would \
         be a run there), never for an approver, and only in a workspace that exists.";
    TERRAFORM_SHOW: "terraform", "{} show -json {}",
        "show prints a plan file; given one it takes no lock and asks no backend.";
    TERRAFORM_STATE_LIST: "terraform", "{} state list -no-color {}",
        "state list reads the state and prints addresses; only in a workspace that exists.";
    TERRAFORM_STATE_RM: "terraform", "{} state rm -dry-run -lock=false -no-color {}",
        "-dry-run prints what would be removed and ends before anything is written; no lock.";
    TERRAFORM_STATE_MV: "terraform", "{} state mv -dry-run -lock=false -no-color {}",
        "-dry-run prints what would be moved and ends before anything is written; no lock.";
    TERRAFORM_STATE_PULL: "terraform", "{} state pull",
        "state pull prints the state; only in a workspace that exists.";
    TERRAFORM_WORKSPACES: "terraform", "{} workspace list -no-color",
        "workspace list asks the backend for names and makes none.";
    TOFU_PLAN: "tofu", "{} plan -input=false -lock=false -no-color -compact-warnings {} -out=/dev/stdin",
        "It takes no lock and writes no state; the plan goes into a file without a name that is its standard \
         input. Providers and the programs of a `data \"external\"` run, as they do in `plan`, which guard \
         does not ask about. Never in a folder that is not initialised, never with HCP Terraform (it would \
         be a run there), never for an approver, and only in a workspace that exists.";
    TOFU_SHOW: "tofu", "{} show -json {}",
        "show prints a plan file; given one it takes no lock and asks no backend.";
    TOFU_STATE_LIST: "tofu", "{} state list -no-color {}",
        "state list reads the state and prints addresses; only in a workspace that exists.";
    TOFU_STATE_RM: "tofu", "{} state rm -dry-run -lock=false -no-color {}",
        "-dry-run prints what would be removed and ends before anything is written; no lock.";
    TOFU_STATE_MV: "tofu", "{} state mv -dry-run -lock=false -no-color {}",
        "-dry-run prints what would be moved and ends before anything is written; no lock.";
    TOFU_STATE_PULL: "tofu", "{} state pull",
        "state pull prints the state; only in a workspace that exists.";
    TOFU_WORKSPACES: "tofu", "{} workspace list -no-color",
        "workspace list asks the backend for names and makes none.";
    REDIS: "redis-cli", "{} --no-auth-warning --raw {}",
        "Only DBSIZE, EXISTS, LASTSAVE, `INFO keyspace`, `INFO replication`, `CONFIG GET` of a setting that is no secret, `ACL WHOAMI` and `ACL DRYRUN`, which answer and change nothing.";
    MYSQL: "mysql",
        "{} --batch --skip-column-names --no-auto-rehash --local-infile=0 --connect-timeout=2 --init-command=SET/**/SESSION/**/TRANSACTION/**/READ/**/ONLY {} -e {}",
        "The first statement of the connection makes every transaction read-only, in place of one that a settings \
         file names; the texts are SELECTs of guard's own with a time limit, and of a condition that consists of \
         names, numbers and comparisons. No file of this machine is given to the server.";
    MARIADB: "mariadb",
        "{} --batch --skip-column-names --no-auto-rehash --local-infile=0 --connect-timeout=2 --init-command=SET/**/SESSION/**/TRANSACTION/**/READ/**/ONLY {} -e {}",
        "The first statement of the connection makes every transaction read-only, in place of one that a settings \
         file names; the texts are SELECTs of guard's own with a time limit, and of a condition that consists of \
         names, numbers and comparisons. No file of this machine is given to the server.";
    ZFS_LIST: "zfs", "list -H -p -t all -o name,type,used,written,mounted,clones {} -- {}", "list reads properties and prints them.";
    LVS: "lvs", "--readonly --reportformat json --units b --nosuffix -o vg_name,lv_name,lv_size,origin,pool_lv {} -- {}",
        "lvs reports; --readonly reads what is on the disks, takes no lock and asks no driver (lvm(8)).";
    PVS: "pvs", "--readonly --reportformat json --units b --nosuffix -o vg_name,pv_used -- {}",
        "pvs reports; --readonly reads what is on the disks, takes no lock and asks no driver (lvm(8)).";
    GCLOUD_INSTANCE: "gcloud", "compute instances describe --format=json --quiet {} -- {}", "describe sends only GETs.";
    GCLOUD_DISK: "gcloud", "compute disks describe --format=json --quiet {} -- {}", "describe sends only GETs.";
    GCLOUD_SQL: "gcloud", "sql instances describe --format=json --quiet {} -- {}", "describe sends only GETs.";
    GCLOUD_CLUSTER: "gcloud", "container clusters describe --format=json --quiet {} -- {}", "describe sends only GETs.";
    GCLOUD_PROJECT: "gcloud", "projects describe --format=json --quiet {} -- {}", "describe sends only GETs.";
    AZ_RESOURCES: "az", "resource list --output json --only-show-errors {}", "list sends only GETs.";
    AZ_LOCKS: "az", "lock list --output json --only-show-errors {}", "list sends only GETs.";
    DOCKER_LIST: "docker", "{} ps -a --no-trunc --format {{.ID}} {}", "ps sends only GETs.";
    DOCKER_INSPECT: "docker",
        "{} container inspect --format {{.State.Running}}:{{.Mounts}} -- {}",
        "inspect sends only GETs.";
    DOCKER_IMAGES: "docker", "{} image ls -q {}", "image ls sends only GETs.";
    DOCKER_VOLUMES: "docker", "{} volume ls -q {}", "volume ls sends only GETs.";
    PSQL: "psql", "{} -w -X -q -At -c {}",
        "PGOPTIONS makes every transaction read-only from the start of the connection, with time \
         limits; the texts are SELECTs of guard's own, and EXPLAIN without ANALYZE, which does not \
         run it, of one DELETE or UPDATE that consists of names, numbers and comparisons.";
    HELM_MANIFEST: "helm", "{} get manifest -- {}",
        "get reads the record of the release in the cluster.";
    HELM_HISTORY: "helm", "{} history --max 2 -o json -- {}",
        "history reads the records of the release in the cluster.";
    DOCKER_COMPOSE_VOLUMES: "docker", "compose {} config --volumes",
        "config reads the files of the project and prints.";
    DOCKER_COMPOSE_CONTAINERS: "docker", "compose {} ps -a -q",
        "ps sends only GETs.";
    CRONTAB: "crontab", "{} -l", "-l prints the table.";
    WHO: "who", "-u", "who reads the list of who is logged in.";
    SYSTEMCTL_REVERSE: "systemctl",
        "{} list-dependencies --reverse --plain --no-pager -- {}",
        "list-dependencies asks the service manager and prints.";
    PGREP: "pgrep", "{} -l -- {}", "pgrep reads /proc and sends no signal.";
    APT_SIMULATE: "apt-get", "-s {} -- {}",
        "-s prints what would be done, takes no lock and changes nothing (apt-get(8)).";
    HTTP_HEAD: "curl", "-q -sS -I --max-time 3 --max-redirs 0 --proto =http,https {} -- {}",
        "HEAD is safe (RFC 9110, 9.2.1); -q reads no settings, and no credential is sent.";
    AWS_CALLER: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 sts get-caller-identity",
        "get-caller-identity only answers.";
    AWS_USER_POLICIES: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 iam list-attached-user-policies {}",
        "A list operation only reads.";
    AWS_ROLE_POLICIES: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 iam list-attached-role-policies {}",
        "A list operation only reads.";
    AWS_USER_KEYS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 iam list-access-keys {}",
        "Lists the ids of keys, never a secret.";
    AWS_ROLE: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 iam get-role {}",
        "A get operation only reads.";
    AWS_STACK: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 cloudformation describe-stacks {}",
        "A describe operation only reads.";
    AWS_STACK_PARTS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 cloudformation list-stack-resources {}",
        "A list operation only reads.";
    AWS_STACK_TEMPLATE: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 cloudformation get-template {}",
        "A get operation only reads.";
    AWS_CHANGE_SET: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 cloudformation describe-change-set {}",
        "A describe operation only reads.";
    AWS_IMPORTS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 cloudformation list-imports {}",
        "A list operation only reads.";
    AWS_BALANCERS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 elbv2 describe-load-balancers {}",
        "A describe operation only reads.";
    AWS_TARGET_GROUPS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 elbv2 describe-target-groups {}",
        "A describe operation only reads.";
    AWS_TARGETS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 elbv2 describe-target-health {}",
        "A describe operation only reads.";
    AWS_INTERFACES: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 ec2 describe-network-interfaces {}",
        "A describe operation only reads.";
    AWS_ATTRIBUTE: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 ec2 describe-instance-attribute --attribute disableApiTermination {}",
        "A describe operation only reads.";
    AWS_BEANSTALK: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 elasticbeanstalk describe-environments --no-include-deleted {}",
        "A describe operation only reads.";
    AWS_BEANSTALK_PARTS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 elasticbeanstalk describe-environment-resources {}",
        "A describe operation only reads.";
    AWS_INSTANCES: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 ec2 describe-instances {}",
        "A describe operation only reads.";
    AWS_VOLUMES: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 ec2 describe-volumes {}",
        "A describe operation only reads.";
    AWS_SNAPSHOTS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 ec2 describe-snapshots {}",
        "A describe operation only reads.";
    AWS_SERVICES: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 ecs describe-services {}",
        "A describe operation only reads.";
    AWS_CLUSTERS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 ecs describe-clusters {}",
        "A describe operation only reads.";
    AWS_NODEGROUPS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 eks list-nodegroups {}",
        "A list operation only reads.";
    AWS_FUNCTION: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 lambda get-function-configuration {}",
        "A get operation only reads.";
    AWS_EVENT_SOURCES: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 lambda list-event-source-mappings {}",
        "A list operation only reads.";
    AWS_GROUPS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 autoscaling describe-auto-scaling-groups {}",
        "A describe operation only reads.";
    AWS_DB_INSTANCES: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 rds describe-db-instances {}",
        "A describe operation only reads.";
    AWS_DB_SNAPSHOTS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 rds describe-db-snapshots {}",
        "A describe operation only reads.";
    AWS_DB_CLUSTERS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 rds describe-db-clusters {}",
        "A describe operation only reads.";
    AWS_DB_CLUSTER_SNAPSHOTS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 rds describe-db-cluster-snapshots {}",
        "A describe operation only reads.";
    AWS_TABLE: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 dynamodb describe-table {}",
        "A describe operation only reads.";
    AWS_TABLE_BACKUPS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 dynamodb describe-continuous-backups {}",
        "A describe operation only reads.";
    AWS_CACHE_GROUP: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 elasticache describe-replication-groups {}",
        "A describe operation only reads.";
    AWS_CACHE: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 elasticache describe-cache-clusters {}",
        "A describe operation only reads.";
    AWS_FILE_SYSTEM: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 efs describe-file-systems {}",
        "A describe operation only reads.";
    AWS_DOMAIN: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 opensearch describe-domain {}",
        "A describe operation only reads.";
    AWS_STREAM: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 kinesis describe-stream-summary {}",
        "A describe operation only reads.";
    AWS_QUEUE: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 sqs get-queue-attributes --attribute-names All {}",
        "get-queue-attributes receives no message.";
    AWS_BUCKET: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 s3api list-objects-v2 --no-paginate {}",
        "The first page of a list of names.";
    AWS_BUCKET_VERSIONS: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 s3api get-bucket-versioning {}",
        "A get operation only reads.";
    AWS_SYNC: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 s3 sync --delete --dryrun {}",
        "--dryrun prints what the copy would do and does none of it.";
    AWS_ZONE: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 route53 get-hosted-zone {}",
        "A get operation only reads.";
    AWS_KEY: "aws",
        "{} --output json --cli-connect-timeout 2 --cli-read-timeout 3 kms describe-key {}",
        "A describe operation only reads.";
}
