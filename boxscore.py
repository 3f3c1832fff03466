"""What people import in their own code."""
