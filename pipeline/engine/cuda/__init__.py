"""The CUDA engine: the same instructions, row functions and structural kernels, run by teams.

A launch is one kernel, whatever the battery: each of its blocks of threads is a *team* with a share
of the device's memory as its heap, which takes block after block of the work from a list and runs
it to its verdicts, as a thread does on the CPU. What differs is that a team's threads divide the
lanes of a group among them (see `kernels.team`), and the loops of rows with it (`team_loops`).

Why not a launch for each group: a launch costs microseconds and a battery has some thousand groups;
lanes of a group differ in cost by orders of magnitude, and each launch waits for its slowest one,
where teams wait only for their own; and sizes, scans, loops and split blocks need nothing from the
host between the samples and the verdicts.

    cutting     blocks as teams take them: many samples of one program, the costliest first
    layout      the array: program, samples and work in front, a heap for each team behind
    team_loops  the loop of a row, and the main kernel, as texts
    indexing    how compiled code reaches words and counts
    target      from the texts to PTX, by Numba; kept like the CPU's object files
    cubins      PTX to machine code for one kind of device, by nvJitLink; kept too
    driver      the few calls of the CUDA driver that a run takes
    trial       a launch in a process of its own
    faults      which lane a device fails in, and in which operation, found by trials
"""
