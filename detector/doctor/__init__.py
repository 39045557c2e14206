"""Checks a deployed site through its public address: `detector doctor URL`.

The doctor knows only what any browser sees. It sends requests as a browser does, because a site may
answer others differently: `core/user_agent.py` classifies clients that name themselves as programs
as robots, and robots get no tag on private pages and no baits from the bootstrap. The doctor's user
agent is therefore a browser's, with a suffix that no list of robots contains; `--user-agent`
changes it.

An examination sends one report that every site refuses, and requests baits as the second check of a
view does, which is not counted; on sites with several processes one view may be counted.
"""
