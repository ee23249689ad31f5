"""The bodies of the `tiffin` command, one file each."""
