"""The Open311 server (GeoReport v2, JSON and XML): a translator between the standard and the portal's own API."""
