-- Rules that every object of the extension keeps, now and later: each query names what breaks one, and returns nothing.
\set SHOW_CONTEXT never
CREATE TEMP VIEW members AS
    SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'teamwork';
CREATE TEMP VIEW functions AS
    SELECT p.*, n.nspname FROM members m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
    JOIN pg_namespace n ON n.oid = p.pronamespace;
CREATE TEMP VIEW relations AS
    SELECT c.*, n.nspname FROM members m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
    JOIN pg_namespace n ON n.oid = c.relnamespace;
-- There is something to look at.
SELECT (SELECT count(*) > 50 FROM functions) AS functions, (SELECT count(*) > 10 FROM relations) AS relations;

-- Everything has a comment.
SELECT pg_describe_object(classid, objid, 0) FROM members WHERE obj_description(objid, classid::regclass::name) IS NULL
    AND classid NOT IN ('pg_type'::regclass, 'pg_rewrite'::regclass)
    -- The sequence behind an identity column is part of the column.
    AND NOT EXISTS (SELECT FROM pg_depend i WHERE (i.classid, i.objid, i.deptype) = (members.classid, members.objid, 'i')) ORDER BY 1;
-- Comments are sentences without a full stop at the end, short enough for \d+.
SELECT pg_describe_object(classid, objid, 0), obj_description(objid, classid::regclass::name) FROM members
WHERE obj_description(objid, classid::regclass::name) ~ '\.$' ORDER BY 1;

-- Functions other than native ones look into PostgreSQL's own catalog only, where nobody can put anything, and last into pg_temp.
SELECT functions.oid::regprocedure, proconfig FROM functions JOIN pg_language l ON l.oid = prolang
WHERE lanname NOT IN ('c', 'internal') AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false) ORDER BY 1;
-- The caller's identity is never IMMUTABLE, nothing is LEAKPROOF, identity is safe in parallel plans.
SELECT oid::regprocedure FROM functions WHERE proleakproof ORDER BY 1;
SELECT oid::regprocedure FROM functions WHERE proname IN ('current_user_id', 'get_current_user_admin_id', 'get_current_user_role', 'uid')
    AND (provolatile <> 's' OR proparallel <> 's');
-- Nobody unnamed may execute anything outside auth, and anon nothing at all.
SELECT oid::regprocedure FROM functions WHERE nspname <> 'auth'
    AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE') ORDER BY 1;
SELECT oid::regprocedure FROM functions WHERE nspname <> 'auth' AND has_function_privilege('anon', oid, 'EXECUTE') ORDER BY 1;
SELECT oid::regclass FROM relations, aclexplode(relacl) a WHERE a.grantee IN (0, 'anon'::regrole) ORDER BY 1;
-- What policies, defaults, triggers' conditions and views call, members may execute.
SELECT DISTINCT f.oid::regprocedure FROM functions f JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid
WHERE d.classid IN ('pg_policy'::regclass, 'pg_attrdef'::regclass, 'pg_rewrite'::regclass) AND f.nspname <> 'auth'
    AND NOT has_function_privilege('authenticated', f.oid, 'EXECUTE')
    AND (d.classid <> 'pg_rewrite'::regclass
         OR has_table_privilege('authenticated', (SELECT r.ev_class FROM pg_rewrite r WHERE r.oid = d.objid), 'SELECT')) ORDER BY 1;

-- Row-level security: enabled and forced on every table that applications see, enabled wherever else there are policies.
SELECT r.oid::regclass FROM relations r JOIN pg_extension e ON e.extnamespace = r.relnamespace AND e.extname = 'teamwork'
WHERE r.relkind IN ('r', 'p') AND NOT (r.relrowsecurity AND r.relforcerowsecurity) ORDER BY 1;
SELECT target::regclass FROM teamwork.protected_tables WHERE NOT row_security;
-- A table without row-level security is granted to nobody but service_role.
SELECT r.oid::regclass FROM relations r, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) privilege
WHERE r.relkind IN ('r', 'p') AND NOT r.relrowsecurity AND has_table_privilege('authenticated', r.oid, privilege) ORDER BY 1;
-- Policies are for authenticated alone, permissive, and call the identity functions inside (SELECT ...), once a statement.
SELECT p.polrelid::regclass, p.polname FROM pg_policy p JOIN relations r ON r.oid = p.polrelid
WHERE p.polroles <> ARRAY['authenticated'::regrole::oid] OR NOT p.polpermissive ORDER BY 1, 2;
SELECT p.polrelid::regclass, p.polname FROM pg_policy p JOIN relations r ON r.oid = p.polrelid,
    concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) expression
WHERE regexp_replace(regexp_replace(expression, 'SELECT ([a-z_]+\.)?(get_current_user_admin_id|current_user_id)\(\) AS \w+', '', 'g'),
    'SELECT\s+CASE\s+WHEN teamwork\.role_may\([^,]+, ''\w+''::text\) THEN ([a-z_]+\.)?get_current_user_admin_id\(\)\s+ELSE NULL::uuid\s+END AS team',
    '', 'g') ~ '(get_current_user|current_user_id|role_may|auth\.)' ORDER BY 1, 2;
-- One policy per command.
SELECT p.polrelid::regclass, p.polcmd FROM pg_policy p JOIN relations r ON r.oid = p.polrelid GROUP BY 1, 2 HAVING count(*) > 1;
-- Tables of team data have the same four.
SELECT target::regclass FROM teamwork.protected_tables t
WHERE (SELECT string_agg(polcmd, '' ORDER BY polcmd) FROM pg_policy WHERE polrelid = t.target) IS DISTINCT FROM 'adrw';
-- Views show their reader's rows.
SELECT oid::regclass FROM relations WHERE relkind = 'v' AND NOT coalesce(reloptions::text[] @> ARRAY['security_invoker=true'], false) ORDER BY 1;

-- Every foreign key has an index that begins with its columns; every table has a primary key or a unique one.
SELECT k.conrelid::regclass, k.conname FROM pg_constraint k JOIN relations r ON r.oid = k.conrelid
WHERE k.contype = 'f' AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indpred IS NULL AND i.indisvalid
        AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey) ORDER BY 1, 2;
SELECT oid::regclass FROM relations r WHERE relkind = 'r'
    AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = r.oid AND i.indisunique AND i.indpred IS NULL) ORDER BY 1;
-- No two indexes do the same.
SELECT a.indexrelid::regclass, b.indexrelid::regclass FROM pg_index a JOIN pg_index b ON a.indrelid = b.indrelid AND a.indexrelid < b.indexrelid
    AND a.indkey::text = b.indkey::text AND a.indclass::text = b.indclass::text AND a.indoption::text = b.indoption::text
    AND a.indpred IS NOT DISTINCT FROM b.indpred AND a.indexprs IS NOT DISTINCT FROM b.indexprs
JOIN relations r ON r.oid = a.indrelid;
-- pg_dump carries every table and every sequence.
SELECT r.oid::regclass FROM relations r WHERE relkind IN ('r', 'S') AND NOT EXISTS (
    SELECT FROM pg_extension e WHERE e.extname = 'teamwork' AND r.oid = ANY (e.extconfig)) ORDER BY 1;
-- Ids are the database's to give: a team, or its file, that picks them picks those that another team would get.
SELECT a.attrelid::regclass, a.attname FROM pg_attribute a JOIN relations r ON r.oid = a.attrelid
WHERE a.attidentity = 'd' AND has_table_privilege('authenticated', a.attrelid, 'INSERT')
    AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = a.attrelid AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%teamwork.ids_are_generated(admin_id)%')
ORDER BY 1;
-- Owned by one role.
SELECT DISTINCT relowner::regrole FROM relations WHERE relowner <> (SELECT extowner FROM pg_extension WHERE extname = 'teamwork');
DROP VIEW members, functions, relations CASCADE;
