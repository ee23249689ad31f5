"""WhatsApp through Twilio: buttons and lists where they fit, numbers where they do not, nothing ever edited."""
