"""From cart to order: pricing, quote, place."""
