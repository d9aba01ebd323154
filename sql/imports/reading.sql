-- Reading: what src/reading gives to SQL.

COMMENT ON FUNCTION sniff_csv(bytea) IS 'How a file is written, as found out from its start: encoding, delimiter, quote, escape, newline, whether it has a header, lines before that, columns and their types';
COMMENT ON FUNCTION read_csv(bytea, jsonb) IS 'The rows of a CSV file as text, each with the line on which it starts; the header, where there is one, comes first. Options: encoding, delimiter, header; each is found out from the file where it is not given';
