//! Words by a fixed sequence: the same trees on every machine.

pub const NOUNS: &[&str] = &[
    "account", "address", "batch", "buffer", "cache", "carrier", "channel", "cluster", "column", "contract", "cursor",
    "customer", "device", "document", "entry", "event", "field", "filter", "folder", "frame", "gateway", "graph",
    "group", "handle", "index", "invoice", "item", "journal", "label", "layer", "ledger", "limit", "member", "message",
    "metric", "module", "node", "order", "packet", "page", "parcel", "parser", "payload", "policy", "price", "query",
    "queue", "record", "region", "report", "request", "route", "row", "sample", "schema", "segment", "session",
    "shard", "shelf", "signal", "slot", "source", "stage", "stock", "stream", "supplier", "table", "target", "ticket",
    "token", "tree", "unit", "vector", "view", "wagon", "window", "worker", "zone",
];
pub const VERBS: &[&str] = &[
    "accept",
    "append",
    "apply",
    "assign",
    "build",
    "check",
    "clear",
    "close",
    "collect",
    "compare",
    "copy",
    "count",
    "decode",
    "drop",
    "emit",
    "encode",
    "expand",
    "fetch",
    "fill",
    "find",
    "flush",
    "format",
    "handle",
    "insert",
    "join",
    "load",
    "lookup",
    "merge",
    "move",
    "normalize",
    "open",
    "parse",
    "print",
    "push",
    "read",
    "reduce",
    "release",
    "remove",
    "render",
    "reset",
    "resolve",
    "rotate",
    "route",
    "save",
    "scan",
    "schedule",
    "select",
    "send",
    "sort",
    "split",
    "store",
    "sync",
    "trim",
    "update",
    "validate",
    "verify",
    "wrap",
    "write",
];

/// A fixed sequence of numbers.
pub struct Words(u64);

impl Words {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    pub fn noun(&mut self) -> &'static str {
        NOUNS[self.below(NOUNS.len())]
    }

    pub fn verb(&mut self) -> &'static str {
        VERBS[self.below(VERBS.len())]
    }

    /// A sentence of a comment; one in twelve has a link in it.
    pub fn sentence(&mut self) -> String {
        let (a, b, c, d, e) = (self.verb(), self.noun(), self.noun(), self.verb(), self.noun());
        match self.below(12) {
            0 => format!("See https://docs.example.org/{b}/{c} before you {d} the {e}."),
            1 => format!("The basic {b} is not locked while the {c} and the {e} {a} each other."),
            _ => format!("When you {a} the {b} of a {c}, {d} its {e} as well; both are small."),
        }
    }
}
