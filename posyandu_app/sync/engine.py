"""One exchange with the district server, as pure steps around a transport."""
