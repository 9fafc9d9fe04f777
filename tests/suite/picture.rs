//! The picture of the README shows what guard shows.

#[path = "../../examples/generate/picture.rs"]
mod draw;

#[test]
fn the_picture_is_what_guard_shows() {
    draw::generate(true).unwrap();
}

#[test]
fn the_picture_shows_the_command_the_tier_and_what_to_do() {
    let ansi = draw::stopped().unwrap();
    for words in ["kubectl delete ns prod", "T4 second human", "not checked", "next"] {
        assert!(ansi.contains(words), "{words}: {ansi}");
    }
    assert!(draw::draw(&ansi).contains("T4 second human"));
}
