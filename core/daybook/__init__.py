"""An outlet's day in money: what the orders say beside what the payment service says, to the paisa."""
