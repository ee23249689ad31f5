"""Invoices, bills and credit notes: numbered without a gap, frozen when made, printed again years later."""
