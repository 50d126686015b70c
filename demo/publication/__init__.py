"""The Open Daily: a publication that lives only from Membership's published interfaces."""
