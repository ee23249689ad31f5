"""What an order has to say to its guest, its outlet and its owner: a delivery, put into words."""
