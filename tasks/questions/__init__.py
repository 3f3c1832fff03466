"""Judging answers: questions of the ontology, and on which frames both sides answered them alike."""
