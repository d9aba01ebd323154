//! The bulk sink.
