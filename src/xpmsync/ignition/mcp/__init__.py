"""Route mcp: Ignition's hosted MCP server (extra `xpmsync[mcp]`)."""
