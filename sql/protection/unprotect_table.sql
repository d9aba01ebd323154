-- teamwork.unprotect_table: the way back from teamwork.protect_table.

CREATE FUNCTION teamwork.check_unprotectable(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    protection teamwork.protections;
BEGIN
    IF target IS NULL THEN
        RAISE EXCEPTION 'target must not be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Name a table: teamwork.unprotect_table(''orders'').';
    END IF;
    SELECT * INTO protection FROM teamwork.protections p WHERE p.target = check_unprotectable.target FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not protected', teamwork.name_of(target)
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT target FROM teamwork.protected_tables shows those that are.';
    ELSIF protection.is_preset THEN
        RAISE EXCEPTION 'cannot unprotect %: it belongs to the extension teamwork', teamwork.name_of(target)
            USING ERRCODE = 'wrong_object_type', HINT = 'Keep data that is no team''s in a table of your own.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_unprotectable(regclass) IS 'Refuses what unprotect_table cannot let go';

CREATE FUNCTION teamwork.unprotect_table(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone record;
BEGIN
    PERFORM teamwork.check_unprotectable(target);
    FOR gone IN SELECT t.name FROM teamwork.team_policies(target) t LOOP
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', gone.name, target);
    END LOOP;
    FOR gone IN SELECT t.tgname AS name FROM pg_trigger t
                WHERE t.tgrelid = target AND t.tgfoid IN ('teamwork.keep_owner()'::regprocedure, 'teamwork.touch_row()'::regprocedure) LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', gone.name, target);
    END LOOP;
    -- Without claims these defaults are NULL: with NOT NULL they would refuse every row that is not a member's.
    FOR gone IN SELECT a.attname AS name, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = target AND i.indisprimary
                                                  AND a.attnum = ANY (i.indkey)) AS is_key
                FROM pg_attribute a WHERE a.attrelid = target AND a.attname IN ('owner_id', 'admin_id') AND NOT a.attisdropped LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I DROP DEFAULT', target, gone.name);
        IF NOT gone.is_key THEN
            EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', target, gone.name);
        END IF;
    END LOOP;
    -- Closed, not open: the teams' rows are still in there. FORCE goes, so that the owner has the own table back.
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated', target);
    FOR gone IN SELECT serial FROM teamwork.serials_of(target) serial LOOP
        EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM PUBLIC, anon, authenticated', gone.serial);
    END LOOP;
    DELETE FROM teamwork.protections p WHERE p.target = unprotect_table.target;
    RAISE NOTICE 'table % is now closed to anon and authenticated', teamwork.name_of(target)
        USING DETAIL = 'Its rows, columns, keys and indexes are kept; row-level security stays enabled, without the team''s policies.',
              HINT = 'Make policies and grants of your own to open it.';
END
$$;
COMMENT ON FUNCTION teamwork.unprotect_table(regclass) IS 'Removes policies, triggers, grants, the registration, and defaults and NOT NULL of owner_id and admin_id; rows, columns, keys and indexes stay, and so does row-level security: the table is closed
For: administrators
Errors: 22004 if the table is NULL; 55000 if it is not protected; 42809 if it belongs to the extension';
