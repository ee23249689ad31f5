"""Text messages: one provider a file behind one Protocol."""
