-- What is added to the extension's own tables by hand, or taken from them, pg_dump loses: a warning says so at once, the doctor afterwards.
\set SHOW_CONTEXT never
SELECT extnamespace::regnamespace || '.' AS schema FROM pg_extension WHERE extname = 'teamwork' \gset
\set losses 'SELECT status, replace(detail, :''schema'', '''') AS detail, replace(fix, :''schema'', '''') AS fix FROM teamwork.doctor() WHERE check_name = ''dump'' ORDER BY detail;'
BEGIN;
SET LOCAL client_min_messages = error;
CREATE FUNCTION pg_temp.do_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SET LOCAL client_min_messages = notice;
\set VERBOSITY terse
-- Added.
CREATE POLICY "staff reads no staff" ON staff AS RESTRICTIVE FOR SELECT USING (get_current_user_role() <> 'staff');
CREATE TRIGGER notice_me AFTER UPDATE ON transactions FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.do_nothing();
CREATE INDEX by_barcode ON inventory (barcode);
ALTER TABLE inventory ADD CONSTRAINT has_barcode CHECK (barcode <> '') NOT VALID;
ALTER TABLE staff ALTER position SET DEFAULT 'cook';
ALTER TABLE staff ALTER phone SET NOT NULL;
CREATE RULE quiet AS ON DELETE TO transactions DO ALSO NOTIFY gone;
CREATE INDEX by_name ON user_profiles (full_name);
ALTER TABLE teamwork.audit_log ADD CONSTRAINT short CHECK (length(action) < 99);
-- Changed and taken away: what a dump brings back.
ALTER TABLE inventory DROP CONSTRAINT inventory_quantity_check, ALTER quantity SET DEFAULT 1, ALTER name DROP NOT NULL;
DROP INDEX transactions_admin_id_id_idx;
ALTER TABLE staff ALTER is_active DROP DEFAULT;
-- On tables of one's own, and on what is the extension's already, nothing is said.
CREATE TABLE mine (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE INDEX ON mine (id);
SELECT teamwork.protect_table('mine');
SELECT teamwork.protect_table('transactions');
DROP RULE quiet ON transactions;
CREATE RULE quiet AS ON DELETE TO transactions DO ALSO NOTIFY gone;
:losses
-- A permissive policy on team data is drift as well.
CREATE POLICY "everybody reads" ON staff FOR SELECT USING (true);
SELECT check_name, status, replace(fix, :'schema', '') AS fix FROM teamwork.doctor() WHERE detail ~ 'everybody reads' ORDER BY 1;
-- Each fix, pasted.
SET LOCAL client_min_messages = error;
\set ECHO none
SELECT fix FROM teamwork.doctor() WHERE check_name = 'dump' \gexec
\set ECHO all
:losses
SELECT check_name, detail FROM teamwork.doctor() WHERE status = 'fail' AND check_name IN ('policies', 'crossings');
ROLLBACK;
