"""The edge: who may fetch media, how nginx is told so, and how an edge is warmed before viewers come."""
