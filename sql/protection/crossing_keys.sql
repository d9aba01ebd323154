-- Keys that cross teams: unique over the values of all teams, or from a row of one team to a row of another. PostgreSQL checks keys
-- without row-level security, so a team would learn what another has, take its values, hold its rows or lose its own.
-- Each function returns how bad it is, for teamwork.doctor(), what it is, why, and the statements that mend it.

CREATE FUNCTION teamwork.is_drawn(target regclass, attribute smallint) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attidentity <> ''
        OR coalesce(pg_get_expr(d.adbin, d.adrelid) ~ '(nextval|gen_random_uuid|uuid_generate_v\w+|uuidv\d)\(', false)
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = target AND a.attnum = attribute
$$;
COMMENT ON FUNCTION teamwork.is_drawn(regclass, smallint) IS 'Whether the database draws the values of a column: numbers in turn, or random UUIDs';

CREATE FUNCTION teamwork.shared_uniques(target regclass, OUT index regclass, OUT holder regclass, OUT columns text[]) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.indexrelid::regclass, i.indrelid::regclass, coalesce(k.columns, '{}')
    FROM (SELECT target UNION SELECT teamwork.children_of(target)) own (relation)
    JOIN pg_index i ON i.indrelid = own.relation AND (i.indisunique OR i.indisexclusion)
    CROSS JOIN LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1]) n (numbers)
    CROSS JOIN LATERAL teamwork.column_names(i.indrelid, n.numbers) k (columns)
    LEFT JOIN pg_constraint x ON x.conindid = i.indexrelid AND x.conrelid = i.indrelid AND x.contype IN ('p', 'u', 'x')
    -- A partition's part of an index says nothing more.
    WHERE NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
      AND NOT EXISTS (SELECT FROM unnest(k.columns) WITH ORDINALITY u (name, place)
                      LEFT JOIN pg_operator o ON o.oid = x.conexclop[u.place]
                      WHERE u.name = 'admin_id' AND coalesce(o.oprname, '=') = '=')
      AND NOT EXISTS (SELECT FROM unnest(n.numbers) u (number) WHERE teamwork.is_drawn(i.indrelid, u.number))
      -- An id that clients draw is as random as one that the database draws; that of somebody else's row is not.
      AND NOT (i.indisprimary AND cardinality(k.columns) = 1
               AND EXISTS (SELECT FROM pg_attribute a
                           WHERE a.attrelid = i.indrelid AND a.attnum = n.numbers[1] AND a.atttypid = 'uuid'::regtype)
               AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = i.indrelid AND f.contype = 'f' AND f.conkey @> n.numbers))
$$;
COMMENT ON FUNCTION teamwork.shared_uniques(regclass) IS 'Unique indexes and exclusion constraints of a protected table in which values of different teams meet';

CREATE FUNCTION teamwork.foreign_key_fix(key oid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN teamwork.is_unique_over(k.confrelid, array_prepend('admin_id', c.parents)) THEN ''
                ELSE format('CREATE UNIQUE INDEX ON %s (admin_id, %s); ', teamwork.full_name(k.confrelid),
                            teamwork.name_list(c.parents)) END
        || format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I FOREIGN KEY (admin_id, %s) REFERENCES %s (admin_id, %s)',
                  teamwork.full_name(k.conrelid), k.conname, k.conname, teamwork.name_list(c.own), teamwork.full_name(k.confrelid),
                  teamwork.name_list(c.parents))
        -- Without names of columns, the row would lose its team too.
        || CASE k.confdeltype WHEN 'c' THEN ' ON DELETE CASCADE' WHEN 'r' THEN ' ON DELETE RESTRICT'
                WHEN 'n' THEN format(' ON DELETE SET NULL (%s)', teamwork.name_list(c.own))
                WHEN 'd' THEN format(' ON DELETE SET DEFAULT (%s)', teamwork.name_list(c.own)) ELSE '' END
        || CASE k.confupdtype WHEN 'c' THEN ' ON UPDATE CASCADE' WHEN 'r' THEN ' ON UPDATE RESTRICT' ELSE '' END
        || CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END || ';'
    FROM pg_constraint k,
        LATERAL (SELECT teamwork.column_names(k.conrelid, k.conkey), teamwork.column_names(k.confrelid, k.confkey)) c (own, parents)
    WHERE k.oid = key
$$;
COMMENT ON FUNCTION teamwork.foreign_key_fix(oid) IS 'The statements that make a foreign key between two tables of team data lead to rows of the same team only';

CREATE FUNCTION teamwork.unique_fix(index regclass, columns text[]) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT concat_ws(' ',
        -- Keys that lead to it have to lead elsewhere first.
        (SELECT string_agg(teamwork.foreign_key_fix(f.oid), ' ') FROM pg_constraint f
         WHERE f.conindid = index AND f.contype = 'f' AND f.conparentid = 0
           AND f.conrelid IN (SELECT p.target FROM teamwork.protections p)),
        CASE WHEN x.contype = 'p' AND NOT x.condeferrable AND spare.name IS NOT NULL
             THEN format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I PRIMARY KEY USING INDEX %I;', t.name, x.conname, x.conname,
                         spare.name)
             WHEN coalesce(x.contype, 'u') = 'u' AND i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts = i.indnkeyatts
                  AND teamwork.is_unique_over(i.indrelid, array_prepend('admin_id', unique_fix.columns))
             THEN coalesce(format('ALTER TABLE %s DROP CONSTRAINT ', t.name) || quote_ident(x.conname),
                           'DROP INDEX ' || teamwork.full_name(c.oid)) || ';'
             WHEN x.contype = 'x'
             THEN format('CREATE EXTENSION IF NOT EXISTS btree_gist; ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s;',
                         t.name, x.conname, x.conname,
                         regexp_replace(pg_get_constraintdef(x.oid), 'USING \w+ \(', 'USING gist (admin_id WITH =, '))
             WHEN x.oid IS NOT NULL
             THEN format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s;', t.name, x.conname, x.conname,
                         regexp_replace(pg_get_constraintdef(x.oid), '\(', '(admin_id, '))
             ELSE format('DROP INDEX %s; CREATE UNIQUE INDEX %I ON %s USING btree (admin_id, %s;', teamwork.full_name(c.oid),
                         c.relname, t.name,
                         substr(pg_get_indexdef(c.oid), 1 + length(format('CREATE UNIQUE INDEX %I ON %s%s USING btree (', c.relname,
                                CASE c.relkind WHEN 'I' THEN 'ONLY ' ELSE '' END, t.name)))) END)
    FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
    CROSS JOIN LATERAL teamwork.full_name(i.indrelid) t (name)
    LEFT JOIN pg_constraint x ON x.conindid = c.oid AND x.conrelid = i.indrelid AND x.contype IN ('p', 'u', 'x')
    LEFT JOIN LATERAL (
        -- An index that says it already, such as protect_table's own.
        SELECT s.relname FROM pg_index o JOIN pg_class s ON s.oid = o.indexrelid AND (s.relkind, c.relkind) = ('i', 'i')
        CROSS JOIN LATERAL teamwork.column_names(o.indrelid, o.indkey::smallint[]) k (columns)
        WHERE o.indrelid = i.indrelid AND o.indisunique AND o.indimmediate AND o.indisvalid AND o.indpred IS NULL AND o.indexprs IS NULL
          AND 0 = ALL (o.indoption::smallint[])
          AND k.columns @> array_prepend('admin_id', unique_fix.columns) AND k.columns <@ array_prepend('admin_id', unique_fix.columns)
          AND NOT EXISTS (SELECT FROM pg_constraint h WHERE h.conindid = o.indexrelid AND h.contype IN ('p', 'u', 'x'))
        ORDER BY s.relname LIMIT 1) spare (name) ON true
    WHERE c.oid = index
$$;
COMMENT ON FUNCTION teamwork.unique_fix(regclass, text[]) IS 'The statements that make a unique index or an exclusion constraint hold within each team';

CREATE FUNCTION teamwork.crossing_uniques(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'warn', format('table %s has the %s %I, in which the values of all teams meet', teamwork.name_of(s.holder),
                          CASE x.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique constraint'
                                         WHEN 'x' THEN 'exclusion constraint' ELSE 'unique index' END, c.relname),
           'A team learns which values another has, and cannot have them itself.', teamwork.unique_fix(s.index, s.columns)
    FROM teamwork.shared_uniques(target) s JOIN pg_class c ON c.oid = s.index
    LEFT JOIN pg_constraint x ON x.conindid = s.index AND x.conrelid = s.holder AND x.contype IN ('p', 'u', 'x')
$$;
COMMENT ON FUNCTION teamwork.crossing_uniques(regclass) IS 'The shared_uniques() of a protected table, as drift';

CREATE FUNCTION teamwork.crossing_foreign_keys(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'fail', format('table %s has the foreign key %I to %s, which leads to rows of other teams, too',
                          teamwork.name_of(k.conrelid), k.conname, teamwork.name_of(k.confrelid)),
           CASE WHEN k.confdeltype IN ('c', 'n', 'd') THEN 'A team that deletes its row changes rows of another that refer to it.'
                ELSE 'A team learns whether a row of another exists, and keeps it from being deleted.' END,
           teamwork.foreign_key_fix(k.oid)
    FROM pg_constraint k
    JOIN teamwork.protections own ON own.target = k.conrelid JOIN teamwork.protections other ON other.target = k.confrelid
    WHERE crossing_foreign_keys.target IN (k.conrelid, k.confrelid) AND k.contype = 'f' AND k.conparentid = 0
      AND NOT EXISTS (
          SELECT FROM unnest(teamwork.column_names(k.conrelid, k.conkey), teamwork.column_names(k.confrelid, k.confkey)) u (own, parents)
          WHERE (u.own, u.parents) = ('admin_id', 'admin_id'))
$$;
COMMENT ON FUNCTION teamwork.crossing_foreign_keys(regclass) IS 'Foreign keys between two protected tables, one of them this, that do not have the team in them';

CREATE FUNCTION teamwork.holding_keys(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'warn', format('table %s has the foreign key %I to %s, which keeps people of other teams from being removed',
                          teamwork.name_of(target), k.conname, teamwork.name_of(k.confrelid)),
           'A row may name any user, and who is named can be deleted no more.',
           format('ALTER TABLE %s %sDROP CONSTRAINT %I, ADD CONSTRAINT %I FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE %s;',
                  teamwork.full_name(target), CASE WHEN in_key.is_true THEN '' ELSE needs.text END, k.conname, k.conname,
                  teamwork.name_list(c.own), teamwork.full_name(k.confrelid), teamwork.name_list(c.parents),
                  CASE WHEN in_key.is_true THEN 'CASCADE' ELSE 'SET NULL' END)
    FROM pg_constraint k,
        LATERAL (SELECT teamwork.column_names(target, k.conkey), teamwork.column_names(k.confrelid, k.confkey)) c (own, parents),
        LATERAL (SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = target AND i.indisprimary
                                AND k.conkey && i.indkey::smallint[])) in_key (is_true),
        LATERAL (SELECT coalesce(string_agg(format('ALTER %I DROP NOT NULL, ', u.name), ''), '') FROM unnest(c.own) u (name)) needs (text)
    WHERE k.conrelid = target AND k.contype = 'f' AND k.conparentid = 0 AND k.confdeltype IN ('a', 'r')
      AND k.confrelid IN ('auth.users'::regclass, '@extschema@.user_profiles'::regclass) AND NOT c.own <@ '{owner_id,admin_id}'
$$;
COMMENT ON FUNCTION teamwork.holding_keys(regclass) IS 'Foreign keys of a protected table to people, besides those of owner and team, that keep them from leaving';

CREATE FUNCTION teamwork.outside_keys(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'fail', format('table %s, which is not protected and grants %s to %s, has the foreign key %I to %s',
                          teamwork.name_of(k.conrelid), string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee, k.conname,
                          teamwork.name_of(target)),
           'A team learns whether a row of another exists, and keeps it from being deleted.',
           format('REVOKE INSERT, UPDATE ON %s FROM %s; -- or SELECT teamwork.protect_table(%L);', teamwork.full_name(k.conrelid),
                  g.grantee, teamwork.full_name(k.conrelid))
    FROM pg_constraint k, teamwork.grants_on(k.conrelid) g
    WHERE k.confrelid = target AND k.contype = 'f' AND k.conparentid = 0
      AND k.conrelid NOT IN (SELECT p.target FROM teamwork.protections p)
      AND g.privilege IN ('INSERT', 'UPDATE') AND g.grantee <> 'service_role'
    GROUP BY k.oid, k.conrelid, k.conname, g.grantee
$$;
COMMENT ON FUNCTION teamwork.outside_keys(regclass) IS 'Foreign keys to a protected table from tables that members can write and that are not protected';
