"""The lean engine: one thing at a time, for an iCE40UP5K."""
