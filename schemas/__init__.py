"""What things are: fields, tables, parameters, errors. No I/O and no Prefect."""
