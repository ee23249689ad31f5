"""The browser chat: sessions without a table, JSON instead of markup, and a mailbox for what comes later."""
