//! The model world of the demo: a folder with an account of its own, a client
//! that only knows this folder, and environments that are folders.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// How many orders the environment of the customers holds.
pub(super) const ORDERS: usize = 1204;
/// The second human.
pub(super) const DANA: &str = "dana@example.org";

/// Stands in for the client of a cloud. It takes names of letters, digits and
/// dashes only, and acts below its own folder only.
const CLIENT: &str = r#"#!/bin/sh
# A model of `aws elasticbeanstalk` for `guard demo`: environments are folders. What
# guard asks before it decides (`--output json`) is answered, too.
set -eu
cloud=$(cd "$(dirname "$0")/../cloud" && pwd)
verb= name= json= next=
for word do
    case $next in
    name) name=$word next= ; continue ;;
    json) json=$word next= ; continue ;;
    skip) next= ; continue ;;
    esac
    case $word in
    --environment-name | --environment-names | --environment-id) next=name ;;
    --environment-name=* | --environment-names=* | --environment-id=*) name=${word#*=} ;;
    --output) next=json ;;
    --cli-connect-timeout | --cli-read-timeout) next=skip ;;
    --* | elasticbeanstalk | sts) ;;
    *) verb=${verb:-$word} ;;
    esac
done
case $name in *[!a-z0-9-]*) echo "aws: bad name" >&2; exit 2 ;; esac
there() { [ -n "$name" ] && [ -d "$cloud/$name" ] || { echo "aws: no such environment" >&2; exit 2; }; }
case $verb,$json in
get-caller-identity,*)
    echo '{"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:user/operator"}' ;;
describe-environments,json)
    there
    echo "{\"Environments\": [{\"EnvironmentId\": \"$name\", \"EnvironmentName\": \"$name\", \"Status\": \"Ready\","
    echo " \"Health\": \"$(cat "$cloud/$name/health")\", \"CNAME\": \"$name.example.org\"}]}" ;;
describe-environment-resources,json)
    there
    echo "{\"EnvironmentResources\": {\"Instances\": $(cat "$cloud/$name/machines"), \"LoadBalancers\": [{\"Name\": \"lb\"}]}}" ;;
describe-environments,)
    for dir in "$cloud"/*/; do
        echo "$(basename "$dir"): $(cat "$dir/health"), $(grep -c . "$dir/orders.csv") orders"
    done ;;
create-environment,)
    [ -n "$name" ] && mkdir "$cloud/$name" && : > "$cloud/$name/orders.csv" && echo Ready > "$cloud/$name/health"
    echo '[{"Id": "i-1"}]' > "$cloud/$name/machines"
    echo "$name: Ready" ;;
terminate-environment,)
    there
    rm -r -- "$cloud/$name"
    echo "$name: Terminated" ;;
*)
    echo "aws: the model does not know $verb" >&2; exit 2 ;;
esac
"#;

/// The folders and files of the demo.
#[derive(Debug)]
pub(super) struct World {
    /// Everything is below this.
    pub dir: PathBuf,
}

impl World {
    /// Builds it in an empty or new folder.
    ///
    /// # Errors
    /// The folder holds something, or cannot be written.
    pub(super) fn build(dir: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        if fs::read_dir(dir)?.next().is_some() {
            let why = "the folder is not empty; name a new one with --dir";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        let world = Self { dir: dir.canonicalize()? };
        for name in ["home/.config/guard", "bin", "cloud", "work", "dana"] {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(world.path(name))?;
        }
        world.write("bin/aws", CLIENT.as_bytes(), 0o700)?;
        let mut orders = String::new();
        for n in 1..=ORDERS {
            orders.push_str(&format!("order {n},customer {},paid\n", n % 97));
        }
        let machines = |n: usize| format!("[{}]\n", vec!["{\"Id\": \"i-0\"}"; n].join(", "));
        world.environment("cost-prod", "Degraded", &orders, &machines(4))?;
        world.environment("cost-canary", "Severe", "order 1,test,void\n", &machines(1))?;
        Ok(world)
    }

    fn environment(
        &self,
        name: &str,
        health: &str,
        orders: &str,
        machines: &str,
    ) -> io::Result<()> {
        fs::create_dir(self.path("cloud").join(name))?;
        self.write(&format!("cloud/{name}/health"), format!("{health}\n").as_bytes(), 0o600)?;
        self.write(&format!("cloud/{name}/machines"), machines.as_bytes(), 0o600)?;
        self.write(&format!("cloud/{name}/orders.csv"), orders.as_bytes(), 0o600)
    }

    /// A path below the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Writes a new file.
    pub(super) fn write(&self, name: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
        let path = self.path(name);
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(mode).open(&path)?;
        file.write_all(bytes)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))
    }

    /// How many orders an environment holds; `None` when it is gone.
    pub(super) fn orders(&self, name: &str) -> Option<usize> {
        let text = fs::read_to_string(self.path("cloud").join(name).join("orders.csv")).ok()?;
        Some(text.lines().count())
    }

    /// The log that guard has written in this account.
    pub(super) fn log(&self) -> io::Result<PathBuf> {
        let dir = self.path("home/.local/state/guard/audit");
        let mut files = crate::audit::lookup::files(&dir)?;
        files.pop().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "guard wrote no log"))
    }
}
