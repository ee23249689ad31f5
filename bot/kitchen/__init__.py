"""The outlet's group chat: cards, board, commands, and guests who want a person."""
