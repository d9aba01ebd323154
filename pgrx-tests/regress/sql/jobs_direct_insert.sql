-- The client of the seed: it inserts a row into scheduled_jobs and watches it.
\set team b1
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

-- What the client sends: created_by is the wrong user, which was the seed's row-level security error.
:as_sam
INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, scheduled_time, status, creator_name, file_name, file_data)
VALUES (:'anna', :'bob', 'import', 'inventory', now(), 'pending', 'Sam', 'stock.csv',
        '{"records": [{"SKU": "R1", "Title": "Ring", "Qty": 3, "Price": "9.50"}, {"SKU": "R2", "Title": "Rope", "Qty": "4", "Colour": "blue"},
                      {"SKU": "R3", "Title": "Rug", "Qty": "many"}],
          "mapping": {"SKU": "sku", "Title": "name", "Qty": "quantity", "Price": "unit_price"}}')
RETURNING id AS job \gset
SELECT created_by = :'sam' AS by_sam, organization_id = :'anna' AS annas, creator_name FROM scheduled_jobs WHERE id = :'job';
:wait
:report
:refusals
SELECT sku, name, quantity, unit_price, attributes, owner_id = :'sam' AS by_sam, import_id = :'job' AS of_job FROM inventory ORDER BY sku;
SELECT status, progress, attempts, started_at <= completed_at AS ran, file_name, submitted_as FROM scheduled_jobs WHERE id = :'job';

-- What only the worker writes is set to what is true, whatever is sent.
INSERT INTO scheduled_jobs (job_type, data_type, status, attempts, started_at, completed_at, error_message, record_count, progress, report,
                            submitted_as, lease, created_at, scheduled_time, file_data)
VALUES ('import', 'inventory', 'completed', 99, '2001-01-01', '2001-01-01', 'sent', 42, '{"percent": 100}', '{"lines": 42}',
        'postgres', 7, '2001-01-01', now() + interval '1 year', '{"records": [{"sku": "R4", "name": "Later"}]}')
RETURNING id AS later \gset
SELECT status, attempts, started_at, completed_at, error_message, record_count, progress, report, submitted_as, lease,
       created_at > '2020-01-01' AS made_now, creator_name, organization_id = :'anna' AS annas, created_by = :'sam' AS by_sam
FROM scheduled_jobs WHERE id = :'later';
UPDATE scheduled_jobs SET status = 'completed' WHERE id = :'later';
\echo :LAST_ERROR_SQLSTATE
UPDATE scheduled_jobs SET file_data = '{}' WHERE id = :'job';
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'later', 'import', 'inventory', '{"records": [{"sku": "R5", "name": "Upsert"}]}')
    ON CONFLICT (id) DO UPDATE SET status = 'completed';
\echo :LAST_ERROR_SQLSTATE

-- Another team's organization is refused, also by those who could see it.
INSERT INTO scheduled_jobs (organization_id, job_type, data_type, file_data)
VALUES (:'bob', 'import', 'inventory', '{"records": [{"sku": "R6", "name": "Theirs"}]}');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO scheduled_jobs (organization_id, job_type, data_type, file_data)
VALUES (NULL, 'import', 'inventory', '{"records": [{"sku": "R6", "name": "Nobody''s"}]}');
\echo :LAST_ERROR_SQLSTATE

-- The team sees the job and what it refused, the other team neither.
:as_mia
SELECT status, creator_name FROM scheduled_jobs WHERE id = :'job';
SELECT count(*) FROM scheduled_job_errors WHERE job_id = :'job';
:as_ben
SELECT count(*) FROM scheduled_jobs;
SELECT count(*) FROM scheduled_job_errors;
SELECT count(*) FROM background_imports;
SELECT count(*) FROM inventory;

-- The creator and the admin delete, the others do not.
:as_sue
DELETE FROM scheduled_jobs WHERE id IN (:'job', :'later') RETURNING file_name;
:as_mia
DELETE FROM scheduled_jobs WHERE id IN (:'job', :'later') RETURNING file_name;
:as_bob
DELETE FROM scheduled_jobs WHERE id IN (:'job', :'later') RETURNING file_name;
:as_dba
SELECT count(*) FROM scheduled_jobs WHERE id IN (:'job', :'later');
:as_sam
DELETE FROM scheduled_jobs WHERE id = :'later' RETURNING status;
:as_anna
DELETE FROM scheduled_jobs WHERE id = :'job' RETURNING file_name;
-- What a deleted job refused goes with it, what it imported stays.
:as_dba
SELECT count(*) FROM scheduled_job_errors WHERE job_id = :'job';
SELECT count(*) FROM inventory WHERE admin_id = :'anna';

-- service_role names whom the job is for; it runs as that member, not as service_role.
SET ROLE service_role;
INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data)
VALUES (:'bob', :'ben', 'import', 'inventory', '{"records": [{"sku": "B1", "name": "For Ben"}]}') RETURNING id AS job \gset
:wait
SELECT creator_name, created_by = :'ben' AS by_ben, status, error_message FROM scheduled_jobs WHERE id = :'job';
SELECT name, owner_id = :'ben' AS by_ben, admin_id = :'bob' AS bobs FROM inventory WHERE admin_id = :'bob';
-- A member of another team is no member.
INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data)
VALUES (:'bob', :'sam', 'import', 'inventory', '{"records": [{"sku": "B2", "name": "For Sam"}]}') RETURNING id AS job \gset
:wait
:failure
RESET ROLE;
SELECT count(*) FROM inventory WHERE sku = 'B2' AND admin_id IN (:'anna', :'bob');
