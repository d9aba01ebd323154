-- Team data: what a shop keeps. teamwork.protect_table adds owner_id, admin_id, created_at, updated_at, keys and policies.
-- The ids are shared by all teams, so nobody chooses one: it would collide with what another team gets next.

CREATE TABLE transactions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type text,
    category text,
    amount numeric(14, 2) NOT NULL,
    description text,
    occurred_on date DEFAULT current_date
);
COMMENT ON TABLE transactions IS 'Money in and out of the team';

CREATE TABLE inventory (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL,
    name text NOT NULL,
    description text,
    category text,
    quantity integer DEFAULT 0 CHECK (quantity >= 0),
    quantity_on_order integer DEFAULT 0 CHECK (quantity_on_order >= 0),
    unit_price numeric(12, 2) CHECK (unit_price >= 0),
    cost numeric(12, 2) CHECK (cost >= 0),
    price_tier_1 numeric(12, 2) CHECK (price_tier_1 >= 0),
    price_tier_2 numeric(12, 2) CHECK (price_tier_2 >= 0),
    price_tier_3 numeric(12, 2) CHECK (price_tier_3 >= 0),
    price_tier_4 numeric(12, 2) CHECK (price_tier_4 >= 0),
    price_tier_5 numeric(12, 2) CHECK (price_tier_5 >= 0),
    department_code text,
    unit_of_measure text,
    barcode text,
    location text,
    supplier text,
    reorder_level integer CHECK (reorder_level >= 0),
    attributes jsonb,
    import_id uuid
);
COMMENT ON TABLE inventory IS 'What the team has in stock, one row per SKU';
COMMENT ON COLUMN inventory.sku IS 'The article number: the key by which imports find the row';
COMMENT ON COLUMN inventory.quantity IS 'In stock';
COMMENT ON COLUMN inventory.quantity_on_order IS 'Ordered from the supplier';
COMMENT ON COLUMN inventory.reorder_level IS 'At which quantity to order again';
COMMENT ON COLUMN inventory.attributes IS 'What a file held beyond these columns, by its own headers';
COMMENT ON COLUMN inventory.import_id IS 'The job that inserted the row, if an import did';

CREATE TABLE staff (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    full_name text NOT NULL,
    position text,
    email text,
    phone text,
    salary numeric(12, 2) CHECK (salary >= 0),
    hired_on date,
    is_active boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE staff IS 'The people who work for the team, whether or not they can sign in';

SELECT teamwork.protect_table('transactions');
SELECT teamwork.protect_table('inventory', key_columns => ARRAY['sku']);
SELECT teamwork.protect_table('staff');
COMMENT ON COLUMN transactions.owner_id IS 'Who made the row; the admin, once that account is deleted';
COMMENT ON COLUMN transactions.admin_id IS 'Whose row it is: the team, as the id of its admin';
COMMENT ON COLUMN inventory.owner_id IS 'Who made the row; the admin, once that account is deleted';
COMMENT ON COLUMN inventory.admin_id IS 'Whose row it is: the team, as the id of its admin';
COMMENT ON COLUMN staff.owner_id IS 'Who made the row; the admin, once that account is deleted';
COMMENT ON COLUMN staff.admin_id IS 'Whose row it is: the team, as the id of its admin';
UPDATE teamwork.protections SET is_preset = true;
