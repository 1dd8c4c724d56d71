"""What the business decides: a package per aggregate, a file per capability."""
