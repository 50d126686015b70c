"""How money is asked for over time: the part of Stripe that acts by itself."""
