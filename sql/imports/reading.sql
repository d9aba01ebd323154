-- Reading: what src/reading gives to SQL.

COMMENT ON FUNCTION sniff_csv(bytea) IS 'How a CSV file is written, judged by its first 64 KiB: encoding, delimiter, quote, escape, newline, header, skipped lines, columns and types
Errors: 22P04 if the bytes are not CSV';
COMMENT ON FUNCTION read_csv(bytea, jsonb) IS 'The rows of a CSV file as text, each with the line on which it starts; a header comes first; the options encoding, delimiter and header override what the reader finds out
Errors: 22023 if an option is invalid; 22P04 if the bytes are not CSV';
