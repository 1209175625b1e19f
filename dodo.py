"""The build graph: `doit list` names the tasks, `doit help` the commands.

Here are dependencies and targets only. What is up to date is decided by content, in
`pipeline.incremental`; doit's own store stays in memory.
"""

from doit import task_params

from pipeline.commands import build, jobs, options
from pipeline.config import paths
from pipeline.incremental.reporter import reporter_of
from pipeline.incremental.session import Session

build.collect_no_garbage_yet()

RUN = [Session()]
"""What every function is called with: the session of this run."""

DOIT_CONFIG = {
    "backend": "sqlite3",
    "dep_file": ":memory:",
    "default_tasks": ["all"],
    "par_type": "thread",
    "reporter": reporter_of(*RUN),
    "verbosity": 2,
}


def task_all():
    """everything up to the check (the default; -n 8 compiles in parallel)"""
    return {
        "actions": None,
        "task_dep": ["check_batt"],
        "params": [options.ERRORS],
        "clean": [(build.clean_written, RUN), (jobs.clean_bundle, [])],
    }


def task_corpora():
    """fetch the published verifiers, if config.yaml names them"""
    return {
        "actions": [(build.corpora, RUN)],
        "uptodate": [(build.has_corpora, RUN)],
        "io": build.QUIET,
    }


def task_data():
    """fetch the ARC tasks"""
    return {"actions": [(build.data, RUN)], "uptodate": [(build.has_data, RUN)], "io": build.QUIET}


@build.after_corpora
@task_params([options.ERRORS])
def task_generate(**options):
    """compile each solver: generated/solvers/CORPUS/ID.py"""
    yield from build.solver_tasks(*RUN)


def task_link():
    """link the solvers into the battery: generated/batt.py"""
    return {
        "actions": [(build.link, RUN)],
        "task_dep": ["generate"],
        "params": [options.ERRORS],
        "uptodate": [(build.is_linked, RUN)],
        "targets": paths.LINKED,
        "clean": True,
        "io": build.QUIET,
    }


def task_kernels():
    """compile the kernels that the battery uses: .cache/kernels"""
    return {
        "actions": [(build.kernels, RUN)],
        "task_dep": ["link"],
        "params": [options.ERRORS],
        "uptodate": [(build.has_kernels, RUN)],
        "io": build.QUIET,
    }


def task_check_batt():
    """check every solver on its samples; --solver, --task, --corpus, --limit narrow it"""
    return {
        "actions": [(build.check_batt, RUN)],
        "task_dep": ["kernels", "data"],
        "uptodate": [(build.is_checked, RUN)],
        "params": options.CHECK,
        "targets": [paths.CHECK],
        "clean": True,
        "io": build.QUIET,
    }


def task_matrix():
    """run every solver on every sample of the data sets; --data A,B chooses others"""
    return {
        "actions": [(build.matrix, RUN)],
        "task_dep": ["kernels", "data"],
        "uptodate": [(build.is_matrix_made, RUN)],
        "params": options.MATRIX,
        "targets": [paths.MATRIX, paths.MATRIX_FACTS],
        "clean": True,
        "io": build.QUIET,
    }


def task_stress():
    """run every solver on generated samples of its task; --samples N, --seed N"""
    return {
        "actions": [(build.stress, RUN)],
        "task_dep": ["kernels"],
        "uptodate": [(build.is_stressed, RUN)],
        "params": options.STRESS,
        "targets": [paths.STRESS],
        "clean": True,
        "io": build.QUIET,
    }


def task_submission():
    """write generated/submission.json for the ARC Prize; --data A, --validate FILE"""
    return {
        "actions": [(jobs.submission, RUN)],
        "task_dep": jobs.submission_needs(),
        "params": options.SUBMISSION,
        "targets": [paths.SUBMISSION],
        "clean": True,
        "io": build.QUIET,
    }


def task_kaggle_bundle():
    """write all that an offline notebook needs: generated/kaggle; --python, --cuda, --capability"""
    return {
        "actions": [(jobs.kaggle_bundle, RUN)],
        "task_dep": ["link", "data"],
        "params": options.KAGGLE_BUNDLE,
        "clean": [jobs.clean_bundle],
        "io": build.QUIET,
    }


def task_watch():
    """build and check solvers as they are saved, until Ctrl-C"""
    return {
        "actions": [(jobs.watch, RUN)],
        "task_dep": ["kernels", "data"],
        "params": [options.ERRORS],
        "io": build.QUIET,
    }


def task_ir():
    """print a solver's IR: --solver CORPUS/ID, --after PASS"""
    return {"actions": [(jobs.ir, RUN)], "params": options.IR, "io": build.QUIET}


def task_fuzz():
    """compare random programs with their interpretation; --programs, --seed, --language, --jobs"""
    return {"actions": [(jobs.fuzz, RUN)], "params": options.FUZZ, "io": build.QUIET}


def task_agree():
    """compare random lanes with their interpretation; --lanes, --seed, --jobs, --stress N"""
    return {
        "actions": [(jobs.agree, RUN)],
        "task_dep": ["kernels", "data"],
        "params": options.AGREE,
        "io": build.QUIET,
    }


def task_diagnose():
    """find out step by step why accuracy is not what you expect; --solver, --generated DIR"""
    return {
        "actions": [(jobs.diagnose, RUN)],
        "task_dep": ["kernels", "data"],
        "params": options.DIAGNOSE,
        "io": build.QUIET,
    }


def task_report():
    """write all there is to see as one HTML file: generated/report/index.html"""
    return {
        "actions": [(jobs.report, RUN)],
        "task_dep": ["kernels", "data"],
        "params": [options.ERRORS],
        "targets": [paths.REPORT],
        "clean": True,
        "io": build.QUIET,
    }


def task_profile():
    """measure where the time goes and what got slower; --repeats, --sizes, --against, --cprofile"""
    return {
        "actions": [(jobs.profile, RUN)],
        "task_dep": ["link", "data"],
        "params": options.PROFILE,
        "targets": [
            *(paths.PROFILE, paths.PROFILE_BEFORE, paths.PROFILE_PYTHON),
            *paths.PLOTS.values(),
        ],
        "clean": True,
        "io": build.QUIET,
    }


def task_show():
    """draw grids of solvers and what differs: ID ID..., or how they begin; --task, --sample K"""
    return {
        "actions": [(jobs.show, RUN)],
        "task_dep": jobs.show_needs(),
        "params": options.SHOW,
        "pos_arg": "words",
        "io": build.QUIET,
    }


def task_todo():
    """list the tasks that no solver has right, the smallest first; --data A,B, --limit N"""
    return {
        "actions": [(jobs.todo, RUN)],
        "task_dep": ["kernels", "data"],
        "params": options.TODO,
        "io": build.QUIET,
    }


def task_new():
    """begin a solver: write solvers/ID.py and draw the task; `doit new ID`"""
    return {
        "actions": [(jobs.new, RUN)],
        "task_dep": ["data"],
        "pos_arg": "words",
        "io": build.QUIET,
    }


def task_search():
    """search for programs that nobody wrote; --data, --task, --time, --programs, --resume"""
    return {
        "actions": [(jobs.search, RUN)],
        "task_dep": ["corpora", "data"],
        "params": options.SEARCH,
        "io": build.QUIET,
    }


def task_found():
    """list the programs that searches found; --task, --run, --text"""
    return {"actions": [(jobs.found, RUN)], "params": options.FOUND, "io": build.QUIET}


def task_adopt():
    """write programs that were found as solvers: doit adopt NUMBER..., or tasks; --into"""
    return {
        "actions": [(jobs.adopt, RUN)],
        "task_dep": ["data"],
        "params": options.ADOPT,
        "pos_arg": "words",
        "io": build.QUIET,
    }


def task_why():
    """say whether a task would run, and what changed since it last did; `doit why check_batt`"""
    return {"actions": [(jobs.why, RUN)], "pos_arg": "words", "io": build.QUIET}


def task_stubs():
    """write typings/dsl.pyi: the primitives' types and docs, for editors and Pyright"""
    return {"actions": [(jobs.stubs, RUN)], "params": options.STUBS, "io": build.QUIET}


def task_docs():
    """write what docs/ has that is made from the code: configuration, primitives, pictures"""
    return {"actions": [(jobs.docs, RUN)], "task_dep": ["data"], "io": build.QUIET}


def task_test():
    """run the tests, without those that take long; --long: only those; then words for pytest"""
    return {
        "actions": [(jobs.test, RUN)],
        "params": options.TEST,
        "pos_arg": "words",
        "io": build.QUIET,
    }


def task_lint():
    """check style and types: ruff, mypy"""
    return {"actions": [(jobs.lint, RUN)], "io": build.QUIET}


def task_bench():
    """measure: bench/results; `doit bench build`, `engine`, `problems`, `search`: one of them"""
    return {"actions": [(jobs.bench, RUN)], "pos_arg": "names", "io": build.QUIET}


def task_calibrate():
    """measure from how many lanes on the GPU beats the CPU, for device: auto"""
    return {
        "actions": [(jobs.calibrate, RUN)],
        "task_dep": ["link", "data"],
        "params": [options.ERRORS],
        "io": build.QUIET,
    }


def task_gpu_report():
    """say what GPUs there are, whether they run the battery, and what to do if not"""
    return {
        "actions": [(jobs.gpu_report, RUN)],
        "task_dep": ["link", "data"],
        "params": [options.ERRORS],
        "targets": [paths.GPU],
        "clean": True,
        "io": build.QUIET,
    }


def task_gpu_first():
    """find out everything about a new machine's GPU, the most important first, in eight minutes"""
    return {
        "actions": [(jobs.gpu_first, RUN)],
        "targets": [paths.GPU_FIRST],
        "clean": True,
        "uptodate": [False],
        "io": build.QUIET,
    }


def task_gpu_carry():
    """put into .carry what gpu_first needs on a machine without compilers or network; --for 9.0"""
    return {
        "actions": [(jobs.gpu_carry, RUN)],
        "task_dep": ["link", "data"],
        "params": options.GPU_CARRY,
        "io": build.QUIET,
    }


def task_test_gpu():
    """compare the GPU with the CPU; --lanes, --programs, --seed, --skip-guards"""
    return {
        "actions": [(jobs.test_gpu, RUN)],
        "task_dep": ["link", "data"],
        "params": options.TEST_GPU,
        "io": build.QUIET,
    }


def task_bench_gpu():
    """measure the GPU: bench/results/cuda.json; --quick"""
    return {
        "actions": [(jobs.bench_gpu, RUN)],
        "params": options.BENCH_GPU,
        "io": build.QUIET,
    }
