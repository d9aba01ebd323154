-- Tables with columns that cannot be compared, or that PostgreSQL computes itself.
\set team c9
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

CREATE TABLE pins (label text, spot point, raw json);
CREATE TABLE boxes (width integer, height integer, area integer GENERATED ALWAYS AS (width * height) STORED);
SELECT teamwork.protect_table('pins');
SELECT teamwork.protect_table('boxes');
SELECT teamwork.protect_table('boxes');
SELECT * FROM teamwork.protection_drift('pins');
SELECT * FROM teamwork.protection_drift('boxes');

:as_sam
INSERT INTO pins (label, spot, raw) VALUES ('here', '(1,2)', '{"a": 1}');
UPDATE pins SET label = 'here';
SELECT updated_at = created_at AS untouched FROM pins;
UPDATE pins SET raw = '{"a": 2}';
SELECT updated_at > created_at AS touched FROM pins;
INSERT INTO boxes (width, height) VALUES (2, 3);
UPDATE boxes SET width = 4;
SELECT width, height, area, updated_at > created_at AS touched FROM boxes;

-- What was changed by hand is found here, too.
:as_dba
DROP TRIGGER touch_row ON boxes;
CREATE TRIGGER touch_row BEFORE UPDATE ON boxes FOR EACH ROW WHEN (OLD.width > NEW.width) EXECUTE FUNCTION teamwork.touch_row();
SELECT count(*), bool_and(problem LIKE '%has the trigger touch_row changed') AS of_touch_row FROM teamwork.protection_drift('boxes');
DROP TABLE pins, boxes;
