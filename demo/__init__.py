"""A small newsroom to try Membership with: its publication, its inbox and two years of its patrons."""
