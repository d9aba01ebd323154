-- A database as seeds of many projects leave it: auth of a service, teams of their own, policies with OR and no indexes, rows with gaps.
CREATE ROLE auth_service;
CREATE ROLE authenticated;
CREATE ROLE anon;
CREATE SCHEMA auth AUTHORIZATION auth_service;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email text, raw_user_meta_data jsonb, raw_app_meta_data jsonb);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
    $$ SELECT (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
ALTER TABLE auth.users OWNER TO auth_service;
GRANT USAGE ON SCHEMA auth TO PUBLIC;
GRANT SELECT, REFERENCES ON auth.users TO PUBLIC;

CREATE TABLE user_profiles (id uuid PRIMARY KEY REFERENCES auth.users, email text, full_name text, role text, admin_id uuid REFERENCES user_profiles,
                            created_by uuid, is_active boolean);
CREATE TABLE transactions (id serial PRIMARY KEY, owner_id uuid, admin_id uuid, amount numeric, description text);
CREATE TABLE inventory (id serial PRIMARY KEY, owner_id uuid, admin_id uuid, sku text, name text, quantity integer, price numeric);
CREATE TABLE orders (id serial PRIMARY KEY, owner_id uuid REFERENCES user_profiles, admin_id uuid REFERENCES user_profiles ON DELETE CASCADE,
                     number text NOT NULL);
-- A key that all teams share, a key to an order, and a policy that reads profiles.
CREATE TABLE kpi_settings (key text PRIMARY KEY, target numeric, order_id integer REFERENCES orders ON DELETE CASCADE, admin_id uuid REFERENCES user_profiles);
CREATE TABLE notifications (id serial PRIMARY KEY, team uuid REFERENCES user_profiles ON DELETE CASCADE, message text);
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
CREATE POLICY "members read" ON notifications FOR SELECT USING (
    team = (SELECT coalesce(p.admin_id, p.id) FROM user_profiles p WHERE p.id = auth.uid() AND p.is_active));
GRANT SELECT ON notifications TO authenticated;
CREATE VIEW faces AS SELECT full_name, role FROM user_profiles;
GRANT SELECT ON faces, user_profiles TO authenticated;

CREATE FUNCTION get_current_user_admin_id() RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER AS
    $$ BEGIN RETURN (SELECT CASE WHEN role = 'admin' THEN id ELSE admin_id END FROM user_profiles WHERE id = auth.uid()); END $$;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{transactions, inventory, orders}'::text[] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY "own or team" ON %I USING (owner_id = auth.uid() OR admin_id = get_current_user_admin_id())', name);
    END LOOP;
END
$$;

-- What tutorials have: the visitor says which role in which team.
CREATE FUNCTION handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.user_profiles (id, email, full_name, role, admin_id)
    VALUES (new.id, new.email, new.raw_user_meta_data->>'full_name', coalesce(new.raw_user_meta_data->>'role', 'staff'),
            (new.raw_user_meta_data->>'admin_id')::uuid);
    RETURN new;
END $$;

-- Ada has a manager and, since nobody counted, four staff; Bob has nobody.
INSERT INTO auth.users SELECT format('0000000%s-0000-4000-8000-00000000000%s', team, person)::uuid FROM (VALUES (1, 6), (2, 1)) t (team, people),
    generate_series(0, people - 1) person;
INSERT INTO user_profiles (id, role, is_active) SELECT id, 'admin', NULL FROM auth.users WHERE id::text LIKE '%0';
INSERT INTO user_profiles (id, role, admin_id, is_active)
SELECT id, CASE WHEN id::text LIKE '%1' THEN 'manager' ELSE 'staff' END, '00000001-0000-4000-8000-000000000000', true FROM auth.users WHERE id::text NOT LIKE '%0';
INSERT INTO transactions (owner_id, admin_id, amount)
SELECT '00000001-0000-4000-8000-000000000001', CASE WHEN n % 2 = 0 THEN '00000001-0000-4000-8000-000000000000'::uuid END, n FROM generate_series(1, 100) n;
INSERT INTO transactions (owner_id, amount) VALUES ('00000002-0000-4000-8000-000000000000', 999);
INSERT INTO inventory (owner_id, admin_id, sku, name, quantity, price)
SELECT '00000001-0000-4000-8000-000000000002', '00000001-0000-4000-8000-000000000000', nullif('SKU-' || n % 30, 'SKU-0'), 'Thing ' || n, n - 3, n FROM generate_series(1, 60) n;
INSERT INTO orders (owner_id, number) VALUES ('00000001-0000-4000-8000-000000000003', 'A-1'), ('00000002-0000-4000-8000-000000000000', 'A-1');
INSERT INTO kpi_settings (key, target, admin_id) VALUES ('margin', 20, '00000001-0000-4000-8000-000000000000');
INSERT INTO notifications (team, message) VALUES ('00000001-0000-4000-8000-000000000000', 'Stock is low');
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION handle_new_user();
