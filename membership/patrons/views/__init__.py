"""The pages on which people sign in, staff show their second factor, and letters are stopped."""

from membership.patrons.views import second_factor, sign_in, wishes

BLUEPRINTS = (sign_in.bp, second_factor.bp, wishes.bp)
