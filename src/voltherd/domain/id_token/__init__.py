"""Id tokens as operators administer them."""
