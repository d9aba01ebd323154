-- Three teams, the second of which is measured; and the tables of the cases.
SET client_min_messages = warning;
CREATE EXTENSION teamwork;
INSERT INTO auth.users (id) VALUES ('00000001-0000-4000-8000-000000000000'), ('80000001-0000-4000-8000-000000000000'), ('f0000001-0000-4000-8000-000000000000');
INSERT INTO user_profiles (id, role) SELECT id, 'admin' FROM auth.users;

CREATE TABLE parts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text, name text, description text, category text, quantity integer, quantity_on_order integer,
    unit_price numeric(12, 2), cost numeric(12, 2), unit_of_measure text, barcode text, location text, supplier text
);
CREATE INDEX ON parts (barcode);
SELECT teamwork.protect_table('parts');

-- As projects write theirs.
CREATE TYPE unit AS ENUM ('each', 'box', 'metre');
CREATE TABLE goods (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sku text NOT NULL CHECK (length(sku) <= 40), name text NOT NULL CHECK (name <> ''), description text,
    category text DEFAULT 'Oak' CHECK (category IN ('Oak', 'Pine', 'Steel', 'Copper', 'Glass', 'Cotton', 'Amber', 'Chair', 'Lamp', 'Shelf', 'Bolt', 'Panel')),
    quantity integer NOT NULL DEFAULT 0 CHECK (quantity >= 0), quantity_on_order integer, unit_price numeric CHECK (unit_price >= 0), cost numeric,
    unit_of_measure unit NOT NULL DEFAULT 'each', barcode text, location text, supplier text
);
SELECT teamwork.protect_table('goods', key_columns => ARRAY['sku']);

CREATE TABLE watched (LIKE parts INCLUDING IDENTITY);
ALTER TABLE watched DROP owner_id, DROP admin_id, DROP created_at, DROP updated_at, ADD PRIMARY KEY (id);
SELECT teamwork.protect_table('watched');
-- Somebody's own trigger.
CREATE TABLE arrivals (supplier text PRIMARY KEY, rows bigint NOT NULL);
CREATE FUNCTION count_arrival() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.quantity < 0 THEN
        RAISE EXCEPTION 'less than nothing has arrived';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_arrival AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION count_arrival();

-- Where COPY puts a file that has rows the table knows.
CREATE UNLOGGED TABLE staging (sku text, name text, description text, category text, quantity integer, quantity_on_order integer,
    unit_price numeric(12, 2), cost numeric(12, 2), unit_of_measure text, barcode text, location text, supplier text);

-- The rows of every other line, with another quantity: they were there before.
CREATE FUNCTION have_half(rows integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO inventory (sku, name, quantity, owner_id, admin_id)
    SELECT format('SKU-%s', lpad(n::text, 7, '0')), 'As it was', 1, '80000001-0000-4000-8000-000000000000', '80000001-0000-4000-8000-000000000000'
    FROM generate_series(0, rows - 1, 2) n
$$;

-- Rows of the teams before and behind the one that is measured: its keys are the last in no index but that of the ids.
CREATE FUNCTION have_neighbours() RETURNS void LANGUAGE sql AS $$
    INSERT INTO inventory (sku, name, owner_id, admin_id)
    SELECT format('SKU-%s', n), 'Another team''s', u.id, u.id FROM auth.users u, generate_series(1, 100000) n WHERE u.id::text !~ '^8'
$$;

-- What projects write: one row after the other, each in a block that catches its error.
CREATE FUNCTION insert_rows_one_by_one() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    line record;
BEGIN
    FOR line IN SELECT * FROM staging LOOP
        BEGIN
            INSERT INTO inventory (sku, name, description, category, quantity, quantity_on_order, unit_price, cost, unit_of_measure, barcode, location, supplier)
            VALUES (line.sku, line.name, line.description, line.category, line.quantity, line.quantity_on_order, line.unit_price, line.cost,
                    line.unit_of_measure, line.barcode, line.location, line.supplier);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'row % was refused: %', line.sku, SQLERRM;
        END;
    END LOOP;
END
$$;
