"""The code of a GPU's kernels, run on this machine's processor.

Not a model of it: what Numba CUDA makes of each kernel, the very code that NVVM gets, is compiled
for this processor, and the threads of a team are fibres, each with a stack of its own, that go on
in turns from one barrier to the next. So lanes, claims, barriers and memory are those of a launch;
what a device alone can show is how fast it is, and two threads at the very same time.

    host_code   a kernel's code for a GPU to an object file for this processor
    fibres      the switch between fibres, and what a device's registers and barrier become
    teams       a launch: which thread goes on when, and what must not happen at a barrier
    device      the objects, loaded; a launch as `driver.Device` has it
"""
