import Testing

/// The built program from outside: run, piped, killed, and typed into on a real terminal. One at a
/// time, because terminals and processors are shared.
@Suite(.serialized) struct ProductTests {}
