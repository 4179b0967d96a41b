//! The small expression language in which models say what a call takes and gives.

/// A term of the models' small expression language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The receiver.
    Receiver(Vec<String>),
    /// An argument by 0-based position, with fields to follow.
    Argument(usize, Vec<String>),
    /// All arguments as a list.
    Arguments,
    /// The last argument that can be called.
    Callback,
    /// Every argument that can be called, as a list.
    Callbacks,
    /// The called name in capitals: the verb of `client.get(…)`.
    Called,
    /// Fixed text.
    Text(String),
    /// A new instance of a library type.
    New(String),
    /// Any number of elements of the receiver.
    Elements,
    /// One element of the receiver.
    Element,
    /// What the called function gave.
    Result,
    /// What the called function's first parameter held when it ended.
    Given,
    /// The result, once the request is sent.
    Sent,
    /// A function that settles the promise this call makes.
    Resolver,
    /// What the resolver was called with.
    Resolved,
    /// Nothing.
    Nothing,
    /// A value of which nothing is known.
    Unknown,
    /// A map without entries that are known.
    Map,
    /// An object with these fields (`{ name = a, other = b }`).
    Fields(Vec<(String, Term)>),
    /// An object whose fields are the environment's variables.
    Environment,
    /// What the program's user chose.
    Input,
    /// Any number of a term.
    Many(Box<Term>),
    /// A few characters of a text: where the whole comes from says nothing about them.
    FewOf(Box<Term>),
    /// One element of a term.
    ElementOf(Box<Term>),
    /// An object as the state of an instance of a library type; nothing when it is no object.
    As(Box<Term>, String),
    /// The first, or the second as its default (`a or b`).
    Either(Box<Term>, Box<Term>),
    /// The first when it is given at all, otherwise the second (`a otherwise b`).
    Otherwise(Box<Term>, Box<Term>),
    /// The moment at which the program runs.
    Now,
    /// The first when it is known, otherwise the second (`a else b`).
    Else(Box<Term>, Box<Term>),
    /// Texts joined (`a + b`).
    Joined(Box<Term>, Box<Term>),
    /// The first as a URL relative to the second (`url a on b`).
    Url(Box<Term>, Box<Term>),
    /// A text in which another one is replaced (`a replaced by b in c`).
    Replaced {
        /// What is replaced: a text or an expression.
        pattern: Box<Term>,
        /// What stands there instead.
        with: Box<Term>,
        /// The text.
        text: Box<Term>,
    },
    /// The path of a URL.
    PathOf(Box<Term>),
    /// The host of a URL.
    HostOf(Box<Term>),
    /// What a term gives, written as the query of a URL, without `?`.
    QueryOf(Box<Term>),
    /// What is added to the query of a URL, before anything is.
    SearchOf(Box<Term>),
    /// What a pending value will be.
    Awaited(Box<Term>),
    /// The body of the response that the receiver is.
    Body,
    /// The body of the response that a term is.
    BodyOf(Box<Term>),
    /// Status, headers or length of the response that the receiver is.
    Meta,
    /// What failed in the receiver.
    Failure,
    /// A result that failed with a term as its error (`failed a`).
    Failed(Box<Term>),
    /// The receiver where it did not fail.
    Success,
    /// The receiver where it failed, otherwise nothing.
    Failures,
    /// A term as people read it (`shown a`).
    Shown(Box<Term>),
    /// What was put into the call's channel, anywhere in the project.
    Received,
    /// A text that stands for the place of the call.
    Here,
    /// A text that stands for the place of the call and the calls that led there (`here so`).
    HereSo,
    /// The entries of the receiver, each a list of its key and its value.
    Entries,
    /// What failed in a term.
    FailureOf(Box<Term>),
    /// One of the values a stream gives, or the one value that is to come.
    ItemOf(Box<Term>),
    /// An instance of the type that a term names.
    InstanceOf(Box<Term>),
    /// A list without its first element.
    RestOf(Box<Term>),
    /// The file of the project at the path that a term gives. Called, its main export runs, or else its statements.
    FileAt(Box<Term>),
    /// What the file of settings holds at the path that a term gives.
    DocumentAt(Box<Term>),
}

impl Term {
    /// Reads a term: `self`, `self.slot`, `0`, `0.field`, `*`, `callback`, `callbacks`, `called`, `'text'`, `new Type`,
    /// `elements`, `element`, `result`, `given`, `sent`, `resolver`, `resolved`, `nothing`, `unknown`, `map`, `environment`, `input`,
    /// `now`, `many a`, `element of a`, `awaited a`, `body`, `body of a`, `meta`, `failure`, `received`, `here`, `here so`,
    /// `success`, `failures`, `failed a`, `shown a`, `entries`, `failure of a`, `item of a`, `few of a`, `rest of a`, `instance of a`, `file at a`, `document at a`, `path of a`, `host of a`, `query of a`, `search of a`, `url a on b`,
    /// `{ name = a, other = b }`, `a replaced by b in c`, `a as Type`, `a + b`, `a else b`, `a otherwise b`, and `a or b`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(fields) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let field = |field: &str| {
                let (name, value) = field.split_once('=')?;
                Some((name.trim().to_owned(), Self::parse(value)?))
            };
            return fields.split(',').map(field).collect::<Option<_>>().map(Self::Fields);
        }
        let inner = |text: &str| Self::parse(text).map(Box::new);
        let two = |text: &str, between: &str| {
            let (first, second) = text.split_once(between)?;
            Some((inner(first)?, inner(second)?))
        };
        for (between, make) in [
            (" or ", Self::Either as fn(Box<Self>, Box<Self>) -> Self),
            (" otherwise ", Self::Otherwise),
            (" else ", Self::Else),
            (" + ", Self::Joined),
        ] {
            if text.contains(between) {
                return two(text, between).map(|(first, second)| make(first, second));
            }
        }
        if let Some(quoted) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Some(Self::Text(quoted.to_owned()));
        }
        if let Some(ty) = text.strip_prefix("new ") {
            return Some(Self::New(ty.trim().to_owned()));
        }
        if let Some(both) = text.strip_prefix("url ") {
            return two(both, " on ").map(|(path, base)| Self::Url(path, base));
        }
        if let Some((pattern, rest)) = text.split_once(" replaced by ") {
            let (with, text) = two(rest, " in ")?;
            return Some(Self::Replaced { pattern: inner(pattern)?, with, text });
        }
        if let Some((value, ty)) = text.split_once(" as ") {
            return Some(Self::As(inner(value)?, ty.trim().to_owned()));
        }
        for (prefix, make) in [
            ("many ", Self::Many as fn(Box<Self>) -> Self),
            ("element of ", Self::ElementOf),
            ("awaited ", Self::Awaited),
            ("body of ", Self::BodyOf),
            ("failure of ", Self::FailureOf),
            ("failed ", Self::Failed),
            ("shown ", Self::Shown),
            ("item of ", Self::ItemOf),
            ("few of ", Self::FewOf),
            ("instance of ", Self::InstanceOf),
            ("rest of ", Self::RestOf),
            ("file at ", Self::FileAt),
            ("document at ", Self::DocumentAt),
            ("path of ", Self::PathOf),
            ("host of ", Self::HostOf),
            ("query of ", Self::QueryOf),
            ("search of ", Self::SearchOf),
        ] {
            if let Some(rest) = text.strip_prefix(prefix) {
                return inner(rest).map(make);
            }
        }
        let mut parts = text.split('.').map(str::to_owned);
        let first = parts.next()?;
        let rest: Vec<String> = parts.collect();
        Some(match first.as_str() {
            "self" => Self::Receiver(rest),
            "*" => Self::Arguments,
            "callback" => Self::Callback,
            "callbacks" => Self::Callbacks,
            "called" => Self::Called,
            "elements" => Self::Elements,
            "element" => Self::Element,
            "result" => Self::Result,
            "given" => Self::Given,
            "sent" => Self::Sent,
            "resolver" => Self::Resolver,
            "resolved" => Self::Resolved,
            "nothing" => Self::Nothing,
            "now" => Self::Now,
            "unknown" => Self::Unknown,
            "map" => Self::Map,
            "environment" => Self::Environment,
            "input" => Self::Input,
            "body" => Self::Body,
            "meta" => Self::Meta,
            "failure" => Self::Failure,
            "success" => Self::Success,
            "failures" => Self::Failures,
            "received" => Self::Received,
            "here" => Self::Here,
            "here so" => Self::HereSo,
            "entries" => Self::Entries,
            number => Self::Argument(number.parse().ok()?, rest),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn terms_nest_from_the_loosest_word_inwards() {
        let argument = |index| Box::new(Term::Argument(index, Vec::new()));
        assert_eq!(Term::parse("1 as a::B"), Some(Term::As(argument(1), "a::B".to_owned())));
        let field = |name: &str, index| (name.to_owned(), *argument(index));
        assert_eq!(Term::parse("{ a = 0, b = 1 }"), Some(Term::Fields(vec![field("a", 0), field("b", 1)])));
        assert_eq!(Term::parse("{ a }"), None);
        assert_eq!(
            Term::parse("element of 0 or 1 else 2"),
            Some(Term::Either(Box::new(Term::ElementOf(argument(0))), Box::new(Term::Else(argument(1), argument(2)))))
        );
        assert_eq!(Term::parse("url 0 on 1"), Some(Term::Url(argument(0), argument(1))));
        assert_eq!(Term::parse("0 or nonsense"), None);
    }
}
