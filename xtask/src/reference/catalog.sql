-- Functions: those of the extension but for triggers and what only PostgreSQL calls.
SELECT n.nspname::text AS schema, p.proname::text AS name, obj_description(p.oid, 'pg_proc') AS comment,
       ARRAY(SELECT concat(p.proargnames[a.place] || ' ', format_type(a.type, NULL), ' DEFAULT ' ||
                    -- NULL and literals without their casts.
                    regexp_replace(pg_get_function_arg_default(p.oid, a.place::integer), '^(NULL|''[^'']*'')::[a-z ]+(\[\])?$', '\1'))
             FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a (type, place) ORDER BY a.place) AS arguments,
       CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END || coalesce(
           (SELECT format('(%s)', string_agg(concat_ws(' ', p.proargnames[o.place], format_type(o.type, NULL)), ', ' ORDER BY o.place))
            FROM unnest(p.proallargtypes, p.proargmodes) WITH ORDINALITY o (type, mode, place) WHERE o.mode IN ('o', 't')
            -- A single one has its own type as result.
            HAVING count(*) > 1),
           format_type(p.prorettype, NULL)) AS result,
       ARRAY(SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
             FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee <> p.proowner ORDER BY 1) AS callers
FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE e.extname = 'teamwork' AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)
ORDER BY 1, 2;
-- Tables and views. Privileges that only some majors have are left out.
SELECT n.nspname::text AS schema, c.relname::text AS name, obj_description(c.oid, 'pg_class') AS comment,
       CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
       ARRAY(SELECT g.grantee || ': ' || g.privileges FROM (
                 SELECT h.grantee::regrole::text, string_agg(h.privilege, ', ' ORDER BY h.privilege)
                 FROM (SELECT a.grantee, a.privilege_type FROM aclexplode(c.relacl) a
                       UNION SELECT a.grantee, a.privilege_type || ' of ' || (
                           SELECT string_agg(b.attname, ', ' ORDER BY b.attnum) FROM pg_attribute b, aclexplode(b.attacl) x
                           WHERE b.attrelid = c.oid AND (x.grantee, x.privilege_type) = (a.grantee, a.privilege_type))
                       FROM pg_attribute b, aclexplode(b.attacl) a WHERE b.attrelid = c.oid) h (grantee, privilege)
                 WHERE h.grantee <> c.relowner AND h.privilege ~ '^(SELECT|INSERT|UPDATE|DELETE)' GROUP BY 1) g (grantee, privileges)
             ORDER BY 1) AS grants,
       -- Five texts a column.
       ARRAY(SELECT u.part
             FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
             CROSS JOIN LATERAL unnest(ARRAY[
                 a.attname::text, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull AND c.relkind <> 'v' THEN 'NOT NULL' ELSE '' END,
                 coalesce(CASE WHEN a.attidentity <> '' THEN 'identity' END, pg_get_expr(f.adbin, f.adrelid), ''),
                 coalesce(col_description(c.oid, a.attnum), '')]) WITH ORDINALITY u (part, place)
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum, u.place) AS columns
FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE e.extname = 'teamwork' AND c.relkind IN ('r', 'p', 'v') ORDER BY 1, 2;
-- Settings.
SELECT name, coalesce(nullif(concat_ws(' ', boot_val, unit), ''), '') AS default, context, concat_ws(' ', short_desc, extra_desc) AS comment,
       concat(min_val, ' to ' || max_val) AS range
FROM pg_settings WHERE name LIKE 'teamwork.%' ORDER BY name;
-- Options of jobs and of reading, in their own order.
SELECT kind, option, values, meaning FROM teamwork.job_options()
