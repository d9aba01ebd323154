-- Whole rows, as ordinary clients write them: INSERT … (id, owner_id, …) … ON CONFLICT … DO UPDATE SET id = EXCLUDED.id, …, and
-- UPDATE … SET id = …, … with what the row has already. What a row has already is no change. Ids of new rows are the database's:
-- all teams draw from one sequence per table, so that an id which somebody chose is one that another team's row would get.
--
-- Tables of team data have no row trigger on INSERT. So src/ids.rs looks at the statement while it is planned: only one that
-- chooses ids, or that has ON CONFLICT, has these functions called for its rows.

CREATE FUNCTION teamwork.numbered_columns(target regclass, OUT name name, OUT sequence regclass) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attname, pg_get_serial_sequence(teamwork.full_name(target), a.attname)::regclass
    FROM pg_attribute a WHERE a.attrelid = target AND a.attidentity <> '' AND NOT a.attisdropped ORDER BY a.attnum
$$;
COMMENT ON FUNCTION teamwork.numbered_columns(regclass) IS 'The identity columns of a table';

CREATE FUNCTION teamwork.has_row_like(target regclass, columns name[], new_row record) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_there boolean;
BEGIN
    -- Under the caller's row-level security: of other teams' rows it says what it says of none. Locked, so that the row is still
    -- there when the statement comes to it.
    EXECUTE format('SELECT true FROM %1$s t WHERE %2$s LIMIT 1 FOR KEY SHARE', teamwork.full_name(target),
                   (SELECT string_agg(format('t.%I = ($1::%s).%1$I', c, teamwork.full_name(target)), ' AND ') FROM unnest(columns) c))
        INTO is_there USING new_row;
    RETURN coalesce(is_there, false);
END
$$;
COMMENT ON FUNCTION teamwork.has_row_like(regclass, name[], record) IS 'Whether the caller''s team has a row that is like another one in some columns; keeps it from being deleted until the transaction ends';

CREATE FUNCTION teamwork.refuse_id(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'permission denied to choose ids in table %', (SELECT c.relname FROM pg_class c WHERE c.oid = target)
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = 'All teams draw their ids from one sequence: an id that is chosen is one that another team''s row would get.',
              HINT = 'Leave the column out, or give it DEFAULT; a row that the team has keeps its id.';
END
$$;
COMMENT ON FUNCTION teamwork.refuse_id(regclass) IS 'Says that ids are the database''s to give';

CREATE FUNCTION teamwork.ids_are_own(target regclass, new_row record) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbered record;
BEGIN
    FOR numbered IN SELECT * FROM teamwork.numbered_columns(target) LOOP
        -- Rows of one statement can have an id, or leave it to the database.
        IF NOT teamwork.has_row_like(target, ARRAY[numbered.name], new_row)
           AND teamwork.has_drawn(numbered.sequence, (to_json(new_row) ->> numbered.name)::bigint) IS NOT TRUE THEN
            PERFORM teamwork.refuse_id(target);
        END IF;
    END LOOP;
    RETURN true;
END
$$;
COMMENT ON FUNCTION teamwork.ids_are_own(regclass, record) IS 'True when the ids of a row that is to be inserted are those of a row of the caller''s team, or were just drawn; an error otherwise, and the same one whether another team has the id or nobody';

CREATE FUNCTION teamwork.is_own_row(target regclass, key_constraint oid, attributes smallint[], new_row record) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN teamwork.has_row_like(target, ARRAY(
        SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = target AND (a.attname = 'owner_id' OR a.attnum = ANY (coalesce(
            (SELECT k.conkey FROM pg_constraint k WHERE k.oid = key_constraint), attributes)))), new_row);
END
$$;
COMMENT ON FUNCTION teamwork.is_own_row(regclass, oid, smallint[], record) IS 'Whether the caller''s team has the row that ON CONFLICT is about, with the same owner';

CREATE FUNCTION teamwork.keep_ids(target regclass, old_row json, new_row json) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbered record;
BEGIN
    FOR numbered IN SELECT * FROM teamwork.numbered_columns(target) LOOP
        -- SET id = DEFAULT draws one.
        IF old_row ->> numbered.name IS DISTINCT FROM new_row ->> numbered.name
           AND teamwork.has_drawn(numbered.sequence, (new_row ->> numbered.name)::bigint) IS NOT TRUE THEN
            PERFORM teamwork.refuse_id(target);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.keep_ids(regclass, json, json) IS 'Refuses a change of a row''s ids to others than those that the database gives';

COMMENT ON FUNCTION teamwork.has_drawn(oid, bigint) IS 'Whether a number is the one that this session has drawn last from a sequence';
COMMENT ON FUNCTION teamwork.ids_are_generated(uuid) IS 'Part of the policy for INSERT: true, unless the statement chooses ids; then teamwork.ids_are_own() decides. Leaves to the database what is the database''s: NULL for an id, an owner or a team is the default, and created_at, updated_at and updated_by are what the database says';
COMMENT ON FUNCTION teamwork.plan_insert(internal) IS 'Planner support of teamwork.ids_are_generated()';
COMMENT ON FUNCTION teamwork.replaces_a_row(uuid) IS 'Part of the policy for INSERT: false, unless the statement has ON CONFLICT; then teamwork.is_own_row() decides, so that a colleague''s whole row can be written back';
COMMENT ON FUNCTION teamwork.plan_upsert(internal) IS 'Planner support of teamwork.replaces_a_row()';

-- Triggers on UPDATE -------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.keep_owner() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A partition has no row-level security of its own.
    IF row_security_active(coalesce(pg_partition_root(TG_RELID), TG_RELID)) THEN
        NEW.owner_id := coalesce(NEW.owner_id, OLD.owner_id);
        NEW.admin_id := coalesce(NEW.admin_id, OLD.admin_id);
        IF (OLD.owner_id, OLD.admin_id) IS DISTINCT FROM (NEW.owner_id, NEW.admin_id) THEN
            RAISE EXCEPTION 'permission denied to change the owner or the team of a row in table %', TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege',
                      DETAIL = 'owner_id and admin_id say who made the row and whose it is.',
                      HINT = 'Leave owner_id and admin_id out of the update.';
        END IF;
        PERFORM teamwork.keep_ids(coalesce(pg_partition_root(TG_RELID), TG_RELID), row_to_json(OLD), row_to_json(NEW));
    END IF;
    NEW.owner_id := coalesce(NEW.owner_id, NEW.admin_id);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.keep_owner() IS 'Trigger: nobody under row-level security moves a row to another team or owner, or chooses its id; a row whose owner''s account is deleted becomes the admin''s';

CREATE FUNCTION teamwork.kept_columns_change(target regclass) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(format('old.%I IS DISTINCT FROM new.%1$I', c.name), ' OR ')
    FROM (SELECT unnest('{owner_id, admin_id}'::name[]) UNION ALL SELECT n.name FROM teamwork.numbered_columns(target) n) c (name)
$$;
COMMENT ON FUNCTION teamwork.kept_columns_change(regclass) IS 'The condition under which an update changes what teamwork.keep_owner() keeps';

CREATE FUNCTION teamwork.touch_row() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    table_id CONSTANT oid := coalesce(pg_partition_root(TG_RELID), TG_RELID);
    is_member CONSTANT boolean := row_security_active(table_id);
BEGIN
    IF is_member THEN
        NEW.created_at := OLD.created_at;
        -- Who does not see a column leaves it as it is.
        IF cardinality(teamwork.hidden_columns(table_id)) > 0 THEN
            NEW := jsonb_populate_record(NEW, teamwork.hidden_values(table_id, to_jsonb(OLD), to_jsonb(NEW)));
        END IF;
    END IF;
    -- What an undo restores has the time and the author of its last change before.
    IF current_setting('teamwork.table_under_undo', true) = table_id::text THEN
        -- Only the undo can say so, once the library is loaded; until then anybody can. The call of a native function loads it.
        PERFORM teamwork.current_user_id();
        IF current_setting('teamwork.table_under_undo', true) = table_id::text THEN
            RETURN NEW;
        END IF;
    END IF;
    NEW.updated_at := now();
    -- Roles that row-level security does not bind need no right to the functions of members.
    NEW.updated_by := CASE WHEN is_member THEN teamwork.current_user_id() ELSE auth.uid() END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.touch_row() IS 'Trigger: updated_at and updated_by say when and by whom a row was changed; created_at stays, and so does what the caller does not see';
