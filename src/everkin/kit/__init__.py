"""Small generic modules of fewer than 100 lines each. They import only everkin.domain."""
