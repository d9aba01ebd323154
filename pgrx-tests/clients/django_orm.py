"""Django's ORM over an unmanaged model: create(), save() of whole rows, update_or_create()."""
import django
from django.conf import settings
from session import COLLEAGUE, DATABASE, HOST, LOGIN, OPTIONS, USER, expect

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": HOST, "NAME": DATABASE, "USER": LOGIN, "OPTIONS": {"options": OPTIONS}}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()
from django.db import models  # noqa: E402 (after the settings)


class Item(models.Model):
    sku = models.TextField()
    name = models.TextField()
    quantity = models.IntegerField(default=0)
    owner_id = models.UUIDField(null=True)
    admin_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.UUIDField(null=True)

    class Meta:
        app_label = "shop"
        managed = False
        db_table = "inventory"


# Owner and team go as NULL.
made = Item.objects.create(sku="DJANGO", name="Reinhardt")
made.refresh_from_db()
expect((str(made.owner_id), str(made.updated_by), made.quantity), (USER, USER, 0))
Item.objects.bulk_create([Item(sku=f"BULK{n}", name="Many") for n in range(3)])
expect(Item.objects.filter(sku__startswith="BULK", owner_id=USER).count(), 3)

# save() writes all columns.
shared = Item.objects.get(sku="SHARED")
created_at = shared.created_at
shared.quantity = 31
shared.save()
shared.refresh_from_db()
expect((shared.quantity, str(shared.owner_id), str(shared.updated_by)), (31, COLLEAGUE, USER))
# So does one of a row that was built anew, with less in it.
Item(id=shared.id, sku="SHARED", name="Shared", quantity=32).save()
shared.refresh_from_db()
expect((shared.quantity, str(shared.owner_id), shared.created_at), (32, COLLEAGUE, created_at))
item, is_new = Item.objects.update_or_create(sku="SHARED", defaults={"quantity": 33})
expect((item.quantity, is_new), (33, False))
Item.objects.filter(sku="DJANGO").update(quantity=34)
made.delete()
expect(Item.objects.filter(sku="DJANGO").count(), 0)
