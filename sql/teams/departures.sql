-- Departures: an admin whose team has members or data does not go, and says why. Members go at any time: what they made
-- stays, and once their account is gone from auth.users it belongs to the admin (the foreign key of owner_id and
-- teamwork.keep_owner see to that, whoever owns auth).

CREATE FUNCTION teamwork.keep_team() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    members CONSTANT bigint := (SELECT count(*) FROM @extschema@.user_profiles p WHERE p.admin_id = OLD.id);
    target regclass;
    has_rows boolean;
    filled text[] := '{}';
BEGIN
    FOR target IN SELECT p.target FROM teamwork.protections p JOIN pg_class c ON c.oid = p.target ORDER BY c.relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE admin_id = $1)', target) INTO has_rows USING OLD.id;
        IF has_rows THEN
            filled := filled || (SELECT c.relname::text FROM pg_class c WHERE c.oid = target);
        END IF;
    END LOOP;
    IF members > 0 OR cardinality(filled) > 0 THEN
        RAISE EXCEPTION 'admin % cannot be %: the team still has %', OLD.id,
                        CASE TG_OP WHEN 'DELETE' THEN 'deleted' ELSE 'given another role' END,
                        concat_ws(' and ', CASE WHEN members > 0 THEN 'members' END, CASE WHEN cardinality(filled) > 0 THEN 'data' END)
            USING ERRCODE = 'foreign_key_violation',
                  DETAIL = concat_ws(' ', format('Members: %s.', members), CASE WHEN cardinality(filled) > 0 THEN
                                     format('Tables with its rows: %s.', array_to_string(filled, ', ')) END),
                  HINT = 'Remove the members and delete the team''s rows first, or deactivate the admin, which suspends the team.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.keep_team() IS 'Trigger: an admin stays admin while the team has members or data';

-- After the statement, which may have deleted the members too. Quoted capitals: triggers run in the order of their names,
-- and this one has to speak before RI_ConstraintTrigger… does.
CREATE TRIGGER "Keep_team" AFTER DELETE ON user_profiles
    FOR EACH ROW WHEN (OLD.role = 'admin' AND NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.keep_team();
CREATE TRIGGER "Keep_team_of_changed" AFTER UPDATE OF role ON user_profiles
    FOR EACH ROW WHEN (OLD.role = 'admin' AND NEW.role <> 'admin') EXECUTE FUNCTION teamwork.keep_team();
