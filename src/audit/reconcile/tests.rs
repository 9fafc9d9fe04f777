#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

type Reader = fn(&[u8], &mut dyn FnMut(Seen)) -> io::Result<u64>;

fn all(read: Reader, text: &str) -> Vec<Seen> {
    let mut out = Vec::new();
    read(text.as_bytes(), &mut |seen| out.push(seen)).unwrap();
    out
}

#[test]
fn an_execve_is_put_together_from_its_records() {
    let log = "type=SYSCALL msg=audit(1795339872.590:42): arch=c000003e syscall=59 success=yes \
               exit=0 ppid=10 pid=11 auid=1000 uid=0 exe=\"/usr/bin/rm\" key=\"guard\"\n\
               type=EXECVE msg=audit(1795339872.590:42): argc=3 a0=\"rm\" a1=2D7266 a2_len=6 a2[0]=2F61 a2[1]=2062\n\
               type=SYSCALL msg=audit(1795339873.000:43): success=no ppid=1 pid=2\n\
               type=EXECVE msg=audit(1795339873.000:43): argc=1 a0=\"no\"\n";
    let seen = all(|text, each| auditd(text, each), log);
    let [seen] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(seen.at, Some(1_795_339_872_590));
    assert_eq!(seen.process, Some((11, 10)));
    let words: Vec<Vec<u8>> = [&b"rm"[..], b"-rf", b"/a b"].map(<[u8]>::to_vec).to_vec();
    assert_eq!(seen.what, What::Argv(words));
}

#[test]
fn histories_of_bash_and_zsh_have_times_or_none() {
    let seen = all(
        |text, each| shell(text, each),
        "#1795339872\nrm -rf a\n: 1795339900:0;git clean -fd\nplain\n",
    );
    let times: Vec<Option<i64>> = seen.iter().map(|seen| seen.at).collect();
    let bash = Some(1_795_339_872_000);
    assert_eq!(times, [bash, Some(1_795_339_900_000), bash]);
    assert_eq!(seen.first().unwrap().what, What::Line("rm -rf a".into()));
}

#[test]
fn a_trail_names_calls_as_the_command_line_does() {
    let trail = r#"{"Records":[
        {"eventTime":"2026-11-22T09:31:12Z","eventName":"DeleteDBInstance","eventSource":"rds.amazonaws.com","userIdentity":{"arn":"arn:aws:iam::1:user/a"}},
        {"eventTime":"2026-11-22T09:31:12Z","eventName":"TerminateInstances","eventSource":"ec2.amazonaws.com","errorCode":"AccessDenied"},
        {"eventName":"DescribeInstances","eventSource":"ec2.amazonaws.com","readOnly":true}]}"#;
    let seen = all(|text, each| cloudtrail(text, each), trail);
    let [seen] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(seen.what, What::Call("rds".into(), "delete-db-instance".into()));
    assert_eq!(seen.who, "arn:aws:iam::1:user/a");
}

proptest! {
    #[test]
    fn no_record_of_others_makes_a_reader_panic(text in "(type=|msg=audit\\(|SYSCALL|EXECVE|a0=|\\[|[0-9]{1,22}|[:.)= \"\n#;]|\\PC){0,60}") {
        let mut n = 0_u32;
        let _ = auditd(text.as_bytes(), &mut |_| n += 1);
        let _ = shell(text.as_bytes(), &mut |_| n += 1);
        let _ = cloudtrail(text.as_bytes(), &mut |_| n += 1);
    }
}
