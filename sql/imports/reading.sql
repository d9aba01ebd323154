-- Reading: what src/reading gives to SQL.

COMMENT ON FUNCTION sniff_csv(bytea) IS 'How a CSV file is written, judged by its first 64 KiB: encoding, delimiter, quote, escape, newline, header, skipped lines, columns and types
Errors: 22P04 if the bytes are not CSV';
COMMENT ON FUNCTION read_csv(bytea, jsonb) IS 'The rows of a CSV file as text, each with the line on which it starts; a header comes first; the options encoding, delimiter and header override what the reader finds out
Errors: 22023 if an option is invalid; 22P04 if the bytes are not CSV';
COMMENT ON FUNCTION sniff_file(bytea, text) IS 'What a file is: its format and, as far as its table is read, what sniff_csv says; the archive that it is in, the sheet of a workbook and all its sheets; named, if its name says that it is of another format
Errors: 22P04 if the file is empty, damaged or protected with a password; 54000 if it is too large for memory or unpacks to far more than a table would';
