"""Image data sets that are fetched on request: downloaded, verified, and kept as plain arrays."""

from grader.datasets.catalogue import CIFAR10, DATASETS, MNIST
from grader.datasets.description import Dataset, Source
from grader.datasets.store import Store, data_folder

__all__ = ["CIFAR10", "DATASETS", "MNIST", "Dataset", "Source", "Store", "data_folder"]
