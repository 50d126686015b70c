"""The pages on which people sign in, and staff show their second factor."""

from membership.patrons.views import second_factor, sign_in

BLUEPRINTS = (sign_in.bp, second_factor.bp)
