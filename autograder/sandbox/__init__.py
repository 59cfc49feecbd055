"""Sandboxes: a learner's code runs in a fork of a warm process and can reach nothing but itself.

From the bottom: `linux` (system calls), `filters` and `filesystem` (what is denied, what is seen),
`keeper` (the way in), `zygote` (the warm process) with `shell` and `kernel` (what runs inside),
`warm` (the grader's side), and on top `runner` for grading and `provisioner` for Jupyter's tools.
"""
