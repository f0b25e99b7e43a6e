//! The command line: arguments, exit statuses, streams, signals.
