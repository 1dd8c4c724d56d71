"""The operators' door: REST, OpenAPI, the live event stream; who is calling, JSON in and out."""
