"""`attnlab study`: a comparison of mechanisms, planned and checked as a whole before anything trains."""

import json
import sys

from attnlab.commands import arguments as arguments_of
from attnlab.errors import UserError
from attnlab.files import say
from attnlab.study import design

USAGE = "attnlab study NAME --dry-run [--probe] [--json] [KEY=VALUE ...] [--config-dir DIR]"


def run(arguments: list[str]) -> int:
    """Plan a study and print it; returns the exit status.

    Raises:
        UserError: a mistake in the study's file, or an arm that can't be compared fairly.
    """
    parser = arguments_of.parser("study", "Compare attention mechanisms as conf/study/NAME.yaml says.", usage=USAGE)
    parser.add_argument("name", metavar="NAME", help="of a study")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="values of the study, such as seeds=3")
    parser.add_argument("--dry-run", action="store_true", help="print plan, costs and expected time, and stop")
    parser.add_argument("--probe", action="store_true", help="train a few updates of each arm for the expected time")
    parser.add_argument("--json", action="store_true", help="print the plan as one JSON object")
    parser.add_argument("--config-dir", action="append", default=[], metavar="DIR", help="a folder of your own configs")
    options = parser.parse_intermixed_args(arguments)
    arguments_of.check_config_dirs(options.config_dir)
    if not options.dry_run:
        raise UserError("a study is planned here and not run yet, got no --dry-run (add --dry-run)")
    study = design.load(options.name, options.overrides, config_dirs=options.config_dir)
    print(f"planning {study.name}: {len(study.arms)} arms, {len(study.seeds)} seeds", file=sys.stderr)

    from attnlab.commands.study.plan_text import plan_lines
    from attnlab.study.expected_time import expected_times
    from attnlab.study.plan import planned
    from attnlab.study.plan_record import plan_record

    plan = planned(study, config_dirs=options.config_dir)
    times = expected_times(plan, probe=options.probe)
    if options.json:
        print(json.dumps(plan_record(plan, times), ensure_ascii=False))
    else:
        say(plan_lines(plan, times))
    return 0
