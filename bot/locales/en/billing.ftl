billing-nothing = You have not paid with a card yet, so there is nothing to show. Here is what you can buy.
billing-link = Your payments, receipts and saved cards are kept by Stripe. The link is yours alone and stays valid for { $days } days.
billing-button = 🧾 Open billing
command-billing = Payments, receipts and cards
