-- Revocation: sessions remember who is calling; a change of profiles makes all of them look again at their next statement.

COMMENT ON FUNCTION teamwork.forget_callers() IS 'Makes every session look at the profiles anew, when the current transaction commits';

CREATE FUNCTION teamwork.forget_callers_on_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.forget_callers();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.forget_callers_on_change() IS 'Trigger: a change of profiles counts from the next statement of every session';

CREATE TRIGGER forget_callers AFTER INSERT OR DELETE OR TRUNCATE ON user_profiles
    FOR EACH STATEMENT EXECUTE FUNCTION teamwork.forget_callers_on_change();
CREATE TRIGGER forget_callers_of_changed AFTER UPDATE OF id, role, admin_id, is_active ON user_profiles
    FOR EACH STATEMENT EXECUTE FUNCTION teamwork.forget_callers_on_change();
