//! What is taken out and, as important, what stays.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::Redactor;
use crate::audit::key::Key;

fn key() -> Key {
    Key::new([7; 32])
}

fn text(input: &str) -> String {
    let key = key();
    Redactor::new(&key).text(input).into_owned()
}

fn argv(words: &[&str]) -> Vec<String> {
    let key = key();
    let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    let out = Redactor::new(&key).argv(&words);
    out.iter().map(|word| String::from_utf8(word.to_vec()).unwrap()).collect()
}

/// `§` stands for the secret, in text and in argv.
const TEXT_PLACES: &[&str] = &[
    "tool --password §",
    "tool --password=§ x",
    "tool --password '§' x",
    "tool --password \"§\" x",
    "tool --password='§' x",
    "tool '--password=§' x",
    "tool --api-key § x",
    "tool --token §",
    "tool --client-secret=§",
    "mysql -u root -p§ db",
    "sudo mysql -u root -p'§' db",
    "docker exec -it db mysql -uroot -p§ -e 'select 1'",
    "mysqldump --password=§ db > out.sql",
    "sshpass -p § ssh host uptime",
    "sshpass -p§ ssh host uptime",
    "docker login -u bob -p § registry.example.org",
    "curl -u bob:§ https://example.org/x",
    "curl --user=bob:§ https://example.org/x",
    "curl -ubob:§ https://example.org/x",
    "curl -u 'bob:§' https://example.org/x",
    "curl -H 'Authorization: Bearer §' https://example.org/x",
    "curl -H \"Authorization: Basic §\" https://example.org/x",
    "curl -H 'authorization: token §' https://example.org/x",
    "curl -H 'X-Api-Key: §' https://example.org/x",
    "curl --header='PRIVATE-TOKEN: §' https://example.org/x",
    "git clone https://bob:§@example.org/x.git",
    "psql postgres://bob:§@db.example.org:5432/app",
    "curl 'https://example.org/x?access_token=§&page=2'",
    "curl -d 'user=bob&password=§&x=1' https://example.org",
    "curl -d '{\"user\":\"bob\",\"password\":\"§\"}' https://example.org",
    "curl -d \"{\\\"password\\\": \\\"§\\\"}\" https://example.org",
    "PGPASSWORD=§ psql -h db app",
    "MYSQL_PWD=§ mysql app",
    "export GITHUB_TOKEN=§",
    "export API_KEY='§'; run",
    "AWS_SECRET_ACCESS_KEY=§ aws s3 ls",
    "docker run -e POSTGRES_PASSWORD=§ postgres",
    "docker run --env=POSTGRES_PASSWORD=§ postgres",
    "docker build --build-arg NPM_TOKEN=§ .",
    "helm upgrade a b --set db.password=§,db.user=x",
    "helm upgrade a b --set db.user=x,db.password=§",
    "terraform apply -var db_password=§",
    "terraform apply -var='db_password=§'",
    "kubectl create secret generic s --from-literal=k=§",
    "kubectl create secret generic s --from-literal k=§",
    "kubectl create secret docker-registry r --docker-password=§",
    "kubectl create secret docker-registry r --docker-password §",
    "redis-cli -h cache -a § flushall",
    "sqlcmd -S db -U sa -P § -Q 'drop database x'",
    "sqlcmd -S 'Server=db;User Id=sa;Password=§;Database=x'",
    "tool --dsn 'Server=db;Uid=sa;Pwd=§;'",
    "mysql -e \"CREATE USER 'a' IDENTIFIED BY '§'\"",
    "psql -c \"ALTER USER a PASSWORD '§'\"",
    "aws configure set aws_secret_access_key §",
    "npm config set //registry.example.org/:_authToken=§",
    "openssl enc -aes-256-cbc -pass pass:§ -in a",
    "rabbitmqctl add_user bob §",
    "mc alias set play https://play.example.org user1 §",
    "gh secret set NAME --body §",
    "pulumi config set --secret name §",
    "aws ssm put-parameter --name x --type SecureString --value §",
    "az login --service-principal -u a -p § --tenant t",
    "keytool -list -keystore k -storepass §",
    "bash -c 'mysql -p§ db'",
    "bash -c \"PGPASSWORD=§ psql db\"",
    "ssh host 'PGPASSWORD=§ psql db'",
    "env \"API_TOKEN=§\" run x",
    "ssh host 'sudo bash -c \"mysql -p§ db\"'",
    "echo § | docker login --password-stdin registry.example.org",
    "echo 'root:§' | chpasswd",
    "cat <<EOF | kubectl apply -f -\nkind: Secret\nstringData:\n  password: §\n  user: bob\nEOF",
    "cat <<EOF\npassword: \"§\"\nEOF",
    "python3 -c 'password = \"§\"'",
    "ansible-playbook x.yml -e ansible_become_pass=§",
    "wget --http-password=§ https://example.org",
    "https_proxy=http://bob:§@proxy.example.org:3128 curl x",
];

/// The same for argv, words separated by blanks here.
fn as_argv(place: &str) -> Option<Vec<&str>> {
    let plain = !place.contains(['\'', '"', '|', ';', '>', '<', '\n', '&']);
    let assignment = place.split(' ').next()?.contains('=');
    (plain && !assignment).then(|| place.split(' ').collect())
}

/// What is left of a place when the secret is cut out.
fn around(place: &str) -> Vec<&str> {
    place.split("§").filter(|part| !part.is_empty()).collect()
}

fn check_text(place: &str, secret: &str) -> Result<(), TestCaseError> {
    let input = place.replace("§", secret);
    let output = text(&input);
    prop_assert!(!output.contains(secret), "{} -> {}", input, output);
    for part in around(place) {
        prop_assert!(output.contains(part), "{:?} is missing in {}", part, output);
    }
    prop_assert_eq!(text(&output), output.clone(), "not stable");
    Ok(())
}

fn secrets() -> impl Strategy<Value = String> {
    // No words that stand for nothing, and none that a URL would have encoded.
    "[A-Za-z0-9][A-Za-z0-9_.!*+~-]{5,40}[A-Za-z0-9]"
        .prop_filter("must not occur by chance", |s| !s.to_ascii_lowercase().contains("redacted"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_secret_in_a_known_place_is_left(place in proptest::sample::select(TEXT_PLACES), secret in secrets()) {
        check_text(place, &secret)?;
    }

    #[test]
    fn no_secret_in_a_known_word_is_left(place in proptest::sample::select(TEXT_PLACES), secret in secrets()) {
        let Some(words) = as_argv(place) else { return Ok(()) };
        let words: Vec<String> = words.iter().map(|w| w.replace("§", &secret)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = argv(&words);
        prop_assert!(!output.concat().contains(&secret), "{:?} -> {:?}", words, output);
    }

    #[test]
    fn a_password_that_begins_like_a_mount_is_left_nowhere(rest in "[a-z0-9]{4,20}") {
        let secret = format!("id={rest}");
        let attached = format!("--password={secret}");
        for words in [vec!["tool", "--password", &secret], vec!["tool", &attached]] {
            prop_assert!(!argv(&words).concat().contains(&secret), "{words:?}");
        }
        let mount = format!("id={rest},src=.npmrc");
        prop_assert!(argv(&["docker", "build", "--secret", &mount]).contains(&mount));
    }

    #[test]
    fn odd_secrets_in_words_are_left_nowhere(secret in "[!-~]{6,40}") {
        prop_assume!(!secret.starts_with('-') && !secret.starts_with("[redacted") && !secret.contains("://"));
        prop_assume!(secret.bytes().any(|b| b.is_ascii_alphanumeric()));
        for words in [
            vec!["tool", "--password", &secret],
            vec!["sshpass", "-p", &secret, "ssh", "h"],
            vec!["redis-cli", "-a", &secret],
        ] {
            prop_assert!(!argv(&words).concat().contains(&secret), "{words:?}");
        }
        let attached = format!("-p{secret}");
        prop_assert!(!argv(&["mysql", &attached]).concat().contains(&secret));
        let user = format!("bob:{secret}");
        prop_assert!(!argv(&["curl", "-u", &user]).concat().contains(&secret));
    }

    #[test]
    fn any_text_is_accepted(input in "[ -~\n'\"$=:@/-]{0,200}", junk in proptest::collection::vec(any::<u8>(), 0..100)) {
        let once = text(&input);
        let _ = text(&once);
        let key = key();
        let _ = Redactor::new(&key).argv(&[b"mysql", b"-p", &junk, b"--token", &junk]);
    }

    #[test]
    fn digests_and_ids_stay(sha in "[0-9a-f]{40}", long in "[0-9a-f]{64}", uuid in "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", base64 in "[A-Za-z0-9+/]{20,60}={0,2}") {
        for command in [
            format!("git show {sha}"),
            format!("git reset --hard {sha}"),
            format!("docker pull alpine@sha256:{long}"),
            format!("kubectl delete pod web-{uuid}"),
            format!("echo {base64} | base64 -d"),
            format!("aws ec2 terminate-instances --instance-ids i-{long}"),
            format!("terraform import a.b {uuid}"),
        ] {
            prop_assert_eq!(text(&command), command.clone());
            let words: Vec<&str> = command.split(' ').collect();
            prop_assert_eq!(argv(&words), words);
        }
    }
}

#[test]
fn every_place_hides_a_simple_secret() {
    for place in TEXT_PLACES {
        check_text(place, "hunter2-Zq").unwrap();
        check_text(place, "kdj38fkDK3kd9").unwrap();
    }
}

/// What agents and people type every day: nothing in it is a secret.
const ORDINARY: &[&str] = &[
    "ls -la",
    "git commit -m 'fix(auth): reset the password when the token expires'",
    "git commit -m \"Add --password option, fix token=empty case and secret: handling of it\" -q",
    "git commit -m \"$(cat <<'EOF'\nSplit PASSWORD=abc from mysql -px\n\npassword: x\nEOF\n)\"",
    "gh pr create --title 'token: rotate' --body 'Use --token abc, not PASSWORD=x'",
    "git push --force origin main",
    "git config --global credential.helper store",
    "git config user.name bob",
    "mkdir -p a/b/c",
    "cp -p a b",
    "ps -p 1234",
    "docker run -p 8080:80 nginx",
    "docker run --name mysql -p3306:3306 -d mysql:8",
    "docker build --secret id=npm,src=.npmrc .",
    "docker exec -it web sh -c 'ls -p'",
    "tar -C mysql -pcf x.tar .",
    "psql --no-password app",
    "psql --password app",
    "mysql -u root -p app",
    "kubectl get secret db-token -o yaml",
    "kubectl get secret s -o jsonpath='{.data.password}' | base64 -d",
    "kubectl create secret generic s --from-file=password=./pw.txt",
    "kubectl delete secret db-password -n prod",
    "kubeadm join h:6443 --discovery-token-ca-cert-hash sha256:0123456789abcdef0123456789abcdef",
    "vault kv get -field=password secret/db",
    "aws secretsmanager get-secret-value --secret-id prod/db",
    "gcloud secrets versions access latest --secret=db-password",
    "ansible-playbook --ask-become-pass --vault-password-file ~/.vault x.yml",
    "echo $PASSWORD",
    "mysql -p$PW app",
    "mysql -p\"$PW\" app",
    "tool --password \"$PW\" --token ${TOKEN} --secret $(cat secret.txt)",
    "curl -H \"Authorization: Bearer $TOKEN\" https://example.org",
    "curl -u \"$USER:$PASS\" https://example.org",
    "curl https://$USER:$PASS@example.org/",
    "export TOKEN=$(vault print token)",
    "PASSWORD=\"$(pass show x)\" run",
    "helm upgrade a b --set image.tag=v1.2.3 --set replicas=3",
    "test \"$TOKEN\" = \"x\" && echo yes",
    "[ -z \"$API_KEY\" ] || exit 1",
    "grep -rn 'password' src | head",
    "grep -E 'password|token|secret' -r .",
    "rg \"api_key\" --type rust",
    "find . -name '*.pem' -newer token.txt",
    "ssh -i ~/.ssh/id_ed25519 bob@example.org uptime",
    "git clone ssh://git@example.org/x.git",
    "git clone https://example.org/token/secret.git",
    "rsync -a user@host:/x /y",
    "python train.py --max-tokens 4096 --tokens=12",
    "openai api --max_tokens=256",
    "PWD=/tmp ls",
    "make TOKEN_FILE=/run/token deploy",
    "gh auth login --with-token < token.txt",
    "npm token create --read-only",
    "passwd bob",
    "pulumi config set aws:region eu-west-1",
    "keytool -keypasswd -alias web",
    "smbcacls //server/share x -U 'a%$PW' \"ACL:DACL\"",
    "echo the password \"here\" is not one",
    "pass show mail/bob",
    "terraform apply -var-file=secret.tfvars",
    "export GOOGLE_APPLICATION_CREDENTIALS=/home/bob/key.json",
    "openssl x509 -in cert.pem -noout -text",
    "openssl rsa -passin env:PW -in a.pem",
    "echo hello | docker run -i alpine cat",
    "awk -F: '{print $1}' /etc/passwd",
    "jq '.token' x.json",
    "echo \"don't panic\"",
    "cat <<'EOF' > x\nsecretKeyRef:\n  name: db\n  key: password\nEOF",
    "uuidgen; sk-learn --help",
    "docker login --username bob --password-stdin registry.example.org",
    "cargo publish --token",
    "sudo -S ls",
];

#[test]
fn ordinary_commands_are_not_touched() {
    for command in ORDINARY {
        assert_eq!(text(command), *command);
    }
}

#[test]
fn tokens_are_known_by_their_form() {
    let secrets = [
        format!("ghp_{}", "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6"),
        format!("github_pat_{}", "11AAAAAAA0abcdefghijkl_mnopqrstuvwxyz0123456789"),
        format!("glpat-{}", "aBcDeFgHiJkLmNoPqRsT"),
        format!("xoxb-{}", "123456789012-abcdefghijkl"),
        format!("sk_live_{}", "abcdefghijklmnop12345678"),
        format!("npm_{}", "abcdefghijklmnopqrstuvwxyz0123456789"),
        format!("pypi-AgE{}", "IcHlwaS5vcmcCJDAwMDAw"),
        format!("AIza{}", "SyA1234567890abcdefghijklmnopqrstuv"),
        format!("AKIA{}", "IOSFODNN7EXAMPLE"),
        format!("eyJ{}.eyJ{}.{}", "hbGciOiJIUzI1NiJ9", "zdWIiOiIxIn0", "dBjftJeZ4CVP-mB92K27u"),
    ];
    for secret in &secrets {
        for input in [format!("tool {secret}"), format!("x=\"{secret}\""), format!("a/{secret},b")]
        {
            let output = text(&input);
            assert!(!output.contains(secret), "{input} -> {output}");
        }
        assert!(argv(&["tool", secret]).concat().starts_with("tool[redacted:"));
    }
    let pem = "echo '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----' > k";
    assert!(!text(pem).contains("b3BlbnNzaC1rZXk"));
    let public = "echo '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----' > k";
    assert_eq!(text(public), public);
}

#[test]
fn the_same_secret_has_the_same_mark_wherever_it_stands() {
    let marks: Vec<String> = [
        text("tool --password hunter2"),
        text("tool --password 'hunter2'"),
        text("tool --password=\"hunter2\""),
        text("curl https://bob:hunter2@example.org"),
        argv(&["tool", "--password", "hunter2"]).join(" "),
    ]
    .iter()
    .map(|out| {
        let start = out.find("[redacted:").unwrap();
        out.get(start..start + 19).unwrap().to_owned()
    })
    .collect();
    assert!(marks.windows(2).all(|pair| pair.first() == pair.last()), "{marks:?}");
    assert_ne!(
        text("tool --password hunter3").get(16..),
        text("tool --password hunter2").get(16..)
    );
    assert_eq!(Redactor::without_key().text("tool --token abc123"), "tool --token [redacted]");
}

#[test]
fn a_secret_with_blanks_is_taken_out_whole() {
    let output = text("docker run -e 'POSTGRES_PASSWORD=two words' postgres");
    assert!(output.starts_with("docker run -e 'POSTGRES_PASSWORD=[redacted:"), "{output}");
    assert!(output.ends_with("]' postgres"), "{output}");
    let output = argv(&["docker", "run", "-e", "POSTGRES_PASSWORD=two words", "postgres"]);
    assert!(!output.concat().contains("words"), "{output:?}");
}

#[test]
fn environment_values_are_read_by_name_and_by_form() {
    let key = key();
    let redactor = Redactor::new(&key);
    assert!(!redactor.env("DB_PASSWORD", "$x y").contains("$x"));
    assert_eq!(redactor.env("PATH", "/usr/bin:/bin"), "/usr/bin:/bin");
    assert!(!redactor.env("DATABASE_URL", "postgres://a:hunter2@h/d").contains("hunter2"));
    assert_eq!(redactor.env("KUBECONFIG", "/home/bob/.kube/config"), "/home/bob/.kube/config");
}

#[test]
fn long_hostile_text_takes_linear_time() {
    let started = std::time::Instant::now();
    for piece in [
        "'",
        "\"",
        "\\",
        "eyJ.",
        "://",
        "a=",
        "password=",
        "$(",
        "-----BEGIN ",
        "x' ",
        "token: x ",
        "docker -p ",
        "sudo x ",
        "login -p ",
        "\"a b\" ",
        "a\n",
        "-m ",
        "--secret ",
        "Cookie: ",
        "p\"a ",
    ] {
        let _ = text(&piece.repeat(300_000 / piece.len()));
    }
    // Generous: the point is that it is not quadratic (that would be minutes).
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
