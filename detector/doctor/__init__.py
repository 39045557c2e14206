"""Looks at a deployed site through its public address: `detector doctor URL`.

The doctor knows nothing of a site but what any browser is told. It asks as a browser asks, because
a site may answer others differently: `core/user_agent.py` takes whoever names itself as a program
for a robot, and robots get no tag on private pages and no baits from the bootstrap. So its user
agent is a browser's with a suffix that no list of robots knows; `--user-agent` changes it.

A look sends one report that every site refuses, and asks for baits as a second look of a view does,
which is not counted; on sites of several processes one view may be.
"""
