-- A database as seeds of many projects leave it: auth of a service, teams of their own, policies with OR and no indexes, rows with gaps.
CREATE ROLE auth_service;
CREATE SCHEMA auth AUTHORIZATION auth_service;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email text);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
    $$ SELECT (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
ALTER TABLE auth.users OWNER TO auth_service;
GRANT USAGE ON SCHEMA auth TO PUBLIC;
GRANT SELECT, REFERENCES ON auth.users TO PUBLIC;

CREATE TABLE user_profiles (id uuid PRIMARY KEY REFERENCES auth.users, email text, full_name text, role text, admin_id uuid REFERENCES user_profiles,
                            created_by uuid, is_active boolean);
CREATE TABLE transactions (id serial PRIMARY KEY, owner_id uuid, admin_id uuid, amount numeric, description text);
CREATE TABLE inventory (id serial PRIMARY KEY, owner_id uuid, admin_id uuid, sku text, name text, quantity integer, price numeric);
CREATE TABLE orders (id serial PRIMARY KEY, owner_id uuid, admin_id uuid, number text NOT NULL);

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
