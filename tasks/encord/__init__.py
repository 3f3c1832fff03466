"""What Encord writes: label rows, ontologies, lists of data units, mappings."""
