"""How the hub takes requests and answers them: visitors, cookies, bodies, and pages of its own."""
