-- Keys of a protected table that end at the team: the key that other tables refer to, and foreign keys of owner and team.

CREATE FUNCTION teamwork.column_names(target regclass, numbers smallint[]) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_agg(a.attname::text ORDER BY u.place)
    FROM unnest(numbers) WITH ORDINALITY u (number, place) JOIN pg_attribute a ON a.attrelid = target AND a.attnum = u.number
$$;
COMMENT ON FUNCTION teamwork.column_names(regclass, smallint[]) IS 'The names of a table''s columns with these numbers, in this order';

CREATE FUNCTION teamwork.name_list(names text[]) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT string_agg(quote_ident(u.name), ', ' ORDER BY u.place) FROM unnest(names) WITH ORDINALITY u (name, place) $$;
COMMENT ON FUNCTION teamwork.name_list(text[]) IS 'Names of columns as a statement lists them';

CREATE FUNCTION teamwork.team_key(target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_prepend('admin_id', k.columns)
    FROM pg_index i, LATERAL teamwork.column_names(target, (i.indkey::smallint[])[0:i.indnkeyatts - 1]) k (columns)
    WHERE i.indrelid = target AND i.indisprimary AND 'admin_id' <> ALL (k.columns)
$$;
COMMENT ON FUNCTION teamwork.team_key(regclass) IS 'The columns of the unique key that other tables of team data refer to: the team and the primary key; NULL where the primary key says it, or there is none';

CREATE FUNCTION teamwork.is_unique_over(target regclass, columns text[]) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- A foreign key takes the columns in any order, and no index that is partial or deferred.
    SELECT EXISTS (
        SELECT FROM pg_index i, LATERAL teamwork.column_names(target, (i.indkey::smallint[])[0:i.indnkeyatts - 1]) k (columns)
        WHERE i.indrelid = target AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
          AND k.columns @> is_unique_over.columns AND k.columns <@ is_unique_over.columns)
$$;
COMMENT ON FUNCTION teamwork.is_unique_over(regclass, text[]) IS 'Whether a foreign key can refer to these columns of a table';

CREATE FUNCTION teamwork.stray_keys(target regclass, OUT name name, OUT columns text[], OUT parent regclass) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.conname, c.columns, k.confrelid::regclass
    FROM pg_constraint k, LATERAL teamwork.column_names(target, k.conkey) c (columns)
    WHERE k.conrelid = target AND k.contype = 'f' AND k.conparentid = 0 AND c.columns <@ '{owner_id,admin_id}'
      -- What becomes of rows whose owner's account is deleted, a table may say itself. No team's rows go with a profile.
      AND NOT (c.columns = '{owner_id}' AND k.confrelid = 'auth.users'::regclass)
      AND NOT (c.columns = '{admin_id}' AND k.confrelid = '@extschema@.user_profiles'::regclass AND k.confdeltype IN ('a', 'r'))
$$;
COMMENT ON FUNCTION teamwork.stray_keys(regclass) IS 'Foreign keys of a table''s owner and team that do not lead to auth.users and user_profiles, or take rows away with them';

CREATE FUNCTION teamwork.drop_stray_keys(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stray record;
BEGIN
    FOR stray IN SELECT * FROM teamwork.stray_keys(target) LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, stray.name);
        RAISE NOTICE 'table % has lost the foreign key % from % to %', teamwork.name_of(target), quote_ident(stray.name),
                     array_to_string(stray.columns, ', '), teamwork.name_of(stray.parent)
            USING DETAIL = 'The owner and the team of a protected table lead to auth.users and to user_profiles: '
                           'another key would refuse teams that it does not know, or delete rows of those that it forgets.';
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.drop_stray_keys(regclass) IS 'Drops the stray_keys() of a table, which the keys of protect_table replace';
