"""The stations' door: WebSocket, passwords, one link per station, time limits and flow control."""
