"""Routes of published requests, of partners and of officers who publish words."""
