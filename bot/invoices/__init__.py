"""Invoices and notes as PDF pages, for guests, owners and the tax office."""
