recharge-off-dispute =
    🔕 Auto-recharge was turned off, because your bank is looking into one of your payments. Nothing more is charged by itself.
