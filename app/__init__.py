"""What people touch: the command line and the chat page. It shows what `index` and `rag` do and adds nothing."""
