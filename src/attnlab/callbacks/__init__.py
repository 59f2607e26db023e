"""What is kept of a run: logs, pictures, samples, speed."""

from attnlab.callbacks.attention_maps import AttentionMaps
from attnlab.callbacks.confusion import ConfusionPicture
from attnlab.callbacks.csv_log import MetricsCSV
from attnlab.callbacks.failure_signs import FailureSigns
from attnlab.callbacks.first_losses import FirstLosses
from attnlab.callbacks.generated_pictures import GeneratedPictures
from attnlab.callbacks.learning_curves import LearningCurves
from attnlab.callbacks.learning_signs import LearningSigns
from attnlab.callbacks.mechanism_signs import MechanismSigns
from attnlab.callbacks.progress_lines import ProgressLines
from attnlab.callbacks.pruning import Pruning
from attnlab.callbacks.rate_signs import RateSigns
from attnlab.callbacks.samples import Samples
from attnlab.callbacks.throughput import Throughput
from attnlab.callbacks.training_scores import TrainingScores
from attnlab.callbacks.wandb_run import WandbRun

__all__ = [
    "AttentionMaps",
    "ConfusionPicture",
    "FailureSigns",
    "FirstLosses",
    "GeneratedPictures",
    "LearningCurves",
    "LearningSigns",
    "MechanismSigns",
    "MetricsCSV",
    "ProgressLines",
    "Pruning",
    "RateSigns",
    "Samples",
    "Throughput",
    "TrainingScores",
    "WandbRun",
]
