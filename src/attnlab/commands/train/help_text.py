"""What `attnlab train --help` prints: Hydra's own help knows nothing of the groups and keys that there are."""

from attnlab.config.trusted_files import SAFE
from attnlab.language import Words

HELP = Words(
    f"""\
usage: attnlab train [KEY=VALUE ...] [-m] [--config-dir DIR]

  GROUP=NAME          choose a part: task, model, data, attention, feature_attention, tokenizer, optimizer, scheduler,
                      extractor, adversarial_loss, trainer, callbacks, logger, experiment, hydra/launcher,
                      hydra/sweeper (`attnlab list` shows the names)
  KEY=VALUE           set a value, e.g. model.dim=128 trainer.max_steps=500 seed=3; `attnlab list data conll` shows
                      the keys of data=conll and what each is, `attnlab list train` those of the run itself
  -m, --multirun      run every combination of comma-separated values: attention=additive,uniform seed=1,2
                      with hydra/launcher=local side by side, each on trainer.threads cores; with
                      hydra/launcher=slurm as jobs of SLURM; with hydra/sweeper=optuna drawn from ranges:
                      'optimizer.lr=tag(log,interval(1e-4,1e-2))'
  --config-dir DIR    add your own configs: DIR/attention/mine.yaml is chosen by attention=mine
  --cfg job           print the composed config and stop (add --resolve for its values)
  output_dir=DIR      put everything of the run there; by default outputs/TASK/NAME/HASH-OF-THE-CONFIG
  resume=RUN          continue the unfinished run (as does the same command again) by its config.json; with a
                      larger trainer.max_steps a new run, in its own folder, that begins where the last.ckpt
                      stands. data.root, data.cache_dir, data.num_workers, data.worker_timeout, loggers,
                      callbacks that compute nothing, trainer.enable_progress_bar and trainer.threads may be given,
                      too
  --trust PACKAGE     let a resumed run use the classes of a package of your own
  --trust-file        you made the checkpoints of resume and init_from: torch before {SAFE} can be made to run code
                      by one
  fresh=true          start anew where a run is; the old one is kept in its folder, under earlier/
  init_from=PATH      start from the weights of another run, a checkpoint or a file that fit
""",
    f"""\
用法：attnlab train [KEY=VALUE ...] [-m] [--config-dir DIR]

  GROUP=NAME          选择一个部件：task、model、data、attention、feature_attention、tokenizer、optimizer、scheduler、
                      extractor、adversarial_loss、trainer、callbacks、logger、experiment、hydra/launcher、
                      hydra/sweeper（名称见 `attnlab list`）
  KEY=VALUE           设一个值，如 model.dim=128 trainer.max_steps=500 seed=3；`attnlab list data conll` 列出
                      data=conll 的键和各自的含义，`attnlab list train` 列出运行本身的键
  -m, --multirun      以逗号分开的值，每种组合各运行一次：attention=additive,uniform seed=1,2；
                      hydra/launcher=local 时并排运行，每个用 trainer.threads 个核；hydra/launcher=slurm 时各是 SLURM
                      的一个作业；hydra/sweeper=optuna 时从范围中抽取：
                      'optimizer.lr=tag(log,interval(1e-4,1e-2))'
  --config-dir DIR    加入自己的配置：DIR/attention/mine.yaml 以 attention=mine 选用
  --cfg job           打印组合好的配置，然后停下（加 --resolve 则代入各值）
  output_dir=DIR      运行的一切都写在那里；默认为 outputs/任务/名称/配置的哈希
  resume=RUN          按 config.json 继续未完成的运行（再次输入同一条命令也会）；trainer.max_steps 更大时是一个
                      新的运行，在自己的目录里，从原来的 last.ckpt 处开始。还可以给出 data.root、data.cache_dir、
                      data.num_workers、data.worker_timeout、日志记录器、不参与计算的回调、
                      trainer.enable_progress_bar 和 trainer.threads
  --trust PACKAGE     让继续的运行使用自己的包里的类
  --trust-file        resume 和 init_from 的检查点是自己做的：{SAFE} 之前的 torch 可能因它们运行代码
  fresh=true          已有运行的，重新开始；旧的留在它的目录里，在 earlier/ 之下
  init_from=PATH      从另一次运行、检查点或文件中吻合的权重开始
""",
)
