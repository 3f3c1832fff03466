"""The images of a project's data units: found in a folder, decoded where they can do no harm, and measured."""
