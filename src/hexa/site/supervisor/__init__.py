"""`hexa up`: starts, watches, restarts and stops everything of one data folder.

component   what to run, when, and how to know that it works
platform    the components of this platform, one module each in `components`
watch       the life of one component
lifecycle   all of them together: order, failure, stop
cleanup     what a supervisor that was killed left behind
status      the state of all, asked over a UNIX socket
terminal    what the operator sees
"""
